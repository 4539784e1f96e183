"""Tools for who writes a source: read one saved response, begin a new source.

What runs in production does not belong here, and nothing here touches a home folder.
"""
