"""Job ads on employers' Ashby boards."""
