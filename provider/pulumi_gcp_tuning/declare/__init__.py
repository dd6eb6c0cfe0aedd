"""What a Pulumi program declares. Imported through the package: ``from pulumi_gcp_tuning import TuningJob``."""
