"""One module for each labelled set: how our own code answers it.

A set is one file here, named as the set's folder, with one function
`predict(split_dir: Path) -> dict | list`: it reads the inputs of the split, calls the
functions the parsers call, and returns what the set's `score.py` takes. Expectations
are never read here, and nothing is decided here that the product does not decide.
One set is learned from: `leads` reads the outcomes of its own `dev` split, and
predicts none of them from itself.
"""
