"""What every resource is made of."""
