"""Apache Superset on the published tables: set up, given dashboards, checked.

Superset lives in an environment of its own and is spoken to over HTTP alone; nothing
here imports it. It reads `published/current` and writes nothing there.
"""
