"""Pages in, records out.

Fetching, landing and parsing of public information. No orchestration, no warehouse
and no scoring belongs here: a source ends where its records begin.
"""
