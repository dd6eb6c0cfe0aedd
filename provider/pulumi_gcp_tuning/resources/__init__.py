"""One file per resource: what a program declares, and what each verb does. Nothing here knows Pulumi."""
