"""Removal, retention and ownership of models, endpoints and deployments."""
