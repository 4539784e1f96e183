"""Object storage: a folder a version, and a pointer that is written last."""
