"""The report of a change: what a merge would train, replace and delete."""
