"""The base of every resource."""
