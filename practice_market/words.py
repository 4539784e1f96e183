"""Word lists written as text."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text; a list of a hundred literals would be hard to read."""
    return tuple(text.split())
