"""What others read: published tables, archived evidence, and the report.

`published` swaps a whole version in atomically, `evidence` brings back the archived
before and after of a signal, `report` and `overview` show the accounts to talk to.
Nothing here computes a signal or a score, and nothing knows Dagster.
"""
