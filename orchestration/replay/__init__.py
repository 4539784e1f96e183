"""Answer for hosts as they were on a given day, so that a run can be replayed.

The proxy over a recorded web and the means to start a proxy as a child process belong
here. What is done with the answers does not: the crawler only knows an address.
"""
