"""Where published versions go besides the home folder: one folder a destination.

`destinations/<name>/destination.py` keeps the protocol of `protocol` and is found by
its name; adding one edits nothing else. Each copies a version that `published` has
checked and built, so that all of them say the same. The DuckDB file and the Parquet
files are always there (`published.py`) and are what the others are copied from.
"""
