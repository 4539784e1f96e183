"""Job ads on employers' Workday sites."""
