"""What was published about the practice market, held against its truth."""
