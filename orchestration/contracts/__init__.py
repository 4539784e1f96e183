"""What every table promises, read from `data_contracts/` and held at run time.

`odcs` reads the contracts, `frames` turns them into Polars schemas, `expectations`
(the only module that knows Great Expectations and pandas) checks frames against them,
`gate` parts the rows that keep a contract from those that break it.
No table is built here.
"""
