"""From features to a probability with base rate, interval, reasons, play and window.

`weights` and `plays` read the two reviewed files beside them, `model` does the
arithmetic, `sentences` words the reasons, `explain` tells one account's story.
Nothing here reads a warehouse or writes a file, and nothing knows Dagster.
"""
