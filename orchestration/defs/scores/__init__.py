"""The score as assets."""
