"""Job ads on employers' Teamtailor sites."""
