"""``python -m pulumi_gcp_tuning.cli``."""

from pulumi_gcp_tuning.cli import main

main()
