"""The watch list as an asset."""
