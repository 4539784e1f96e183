"""The published tables as an asset."""
