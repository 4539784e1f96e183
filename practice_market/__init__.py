"""A made-up market with known truth, served over HTTP.

What belongs here: companies, people, jobs and tenders that do not exist, the hidden
process that makes some of them buy, and the hosts that show what the public would see.
Nothing here is imported by the product, and nothing of the product is imported here:
they meet over HTTP only.
"""
