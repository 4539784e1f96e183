"""Job ads on employers' Greenhouse boards."""
