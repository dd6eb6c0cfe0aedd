"""A local server that answers as Google would; it shares no code with pulumi_gcp_tuning."""
