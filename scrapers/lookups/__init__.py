"""Crawls that a command starts to look something up, outside the daily graph.

Each is a folder like a source's, with its own promise, and is asked by the same
machinery. It yields no records of history: what it finds goes to a person's review.
"""
