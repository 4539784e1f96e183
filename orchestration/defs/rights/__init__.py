"""People's rights in the graph: what has been kept for too long is taken out."""
