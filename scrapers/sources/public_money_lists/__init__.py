"""Lists of grants and public investments, each described by a file in `lists/`."""
