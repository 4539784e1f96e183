"""What is watched outside of runs."""
