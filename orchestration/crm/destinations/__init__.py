"""Destinations, found by name: each folder here is one (see `protocol`)."""
