"""Seeded data sets of the sandbox's tests."""
