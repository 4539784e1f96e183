"""Crawling, parsing and the contract gate as assets."""
