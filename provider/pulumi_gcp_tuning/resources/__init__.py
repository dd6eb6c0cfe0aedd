"""One file per resource: its arguments and outputs, and its verbs. Nothing here imports Pulumi."""
