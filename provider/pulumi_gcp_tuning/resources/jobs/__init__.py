"""The base of every billed, long-running job."""
