"""Destinations: each takes records and says, one by one, what it accepted.

A destination is one module with one class that keeps the protocol of `protocol`.
"""
