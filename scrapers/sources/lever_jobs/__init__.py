"""Job ads on employers' Lever boards."""
