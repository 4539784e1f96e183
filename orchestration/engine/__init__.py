"""The warehouse on a distributed engine: the same dbt models, from the same Parquet.

DuckDB is where the models are written and where one machine runs them. Here is what
lets Spark's protocol run them: the SQL said anew (`transpile`), a query in steps
(`steps`), the session (`session`), dbt's adapter taught both (`adapter`), the
comparison of what came out (`parity`), and of what Python makes of it (`downstream`).
All but the last runs in an environment of its own (`requirements.txt`);
nothing else in the product imports it.
"""
