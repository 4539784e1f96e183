"""Job ads in employers' Jobylon feeds."""
