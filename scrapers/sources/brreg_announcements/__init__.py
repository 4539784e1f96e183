"""One source: how it is fetched and how its payloads are read."""
