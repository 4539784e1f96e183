"""The watch list: reading and validating the file of companies to observe."""
