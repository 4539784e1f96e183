"""Job ads on employers' Personio boards."""
