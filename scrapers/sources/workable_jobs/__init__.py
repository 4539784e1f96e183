"""Job ads on employers' Workable boards."""
