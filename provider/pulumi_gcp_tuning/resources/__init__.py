"""One file per resource: what it is, and what it does over its life. Nothing here knows Pulumi."""
