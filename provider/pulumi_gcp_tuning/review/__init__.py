"""The report of a change: what a reviewer needs to know before a merge."""
