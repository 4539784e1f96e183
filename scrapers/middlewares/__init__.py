"""What happens to every request and answer, whatever the source.

From the engine outwards: `visits` (archive, guard, conditional requests), `robots`,
`patience`, `decoding`, `redirects`, and below them the `replay` handler.
Nothing here knows a source.
"""
