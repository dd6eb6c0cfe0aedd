"""``python -m pulumi_gcp_tuning.cli``."""

from pulumi_gcp_tuning.cli.main import main

main()
