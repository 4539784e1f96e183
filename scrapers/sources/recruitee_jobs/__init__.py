"""Job ads on employers' Recruitee boards."""
