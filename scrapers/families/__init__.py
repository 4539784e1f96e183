"""Base spiders: what the spiders of one kind of source have in common."""
