"""The facts that the checks fetch from Google."""
