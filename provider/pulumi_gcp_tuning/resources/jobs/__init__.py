"""What every billed, long-running job shares."""
