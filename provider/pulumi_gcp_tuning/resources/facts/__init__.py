"""What the checks ask of Google."""
