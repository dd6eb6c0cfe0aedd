"""Generates files from the descriptions of the resources: declarations, tables of the docs, the page on checks."""
