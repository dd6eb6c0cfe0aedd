"""A stand-in for the plugin behind `pulumi_gcp`: the same tokens, mapped onto the sandbox.

It is started as `python -m tuning_sandbox.gcp_plugin ENGINE_ADDRESS`, talks to the address in GCP_TUNING_BASE_URL and
serves what this project's stacks need. Everything else is refused by name: see `tokens.py`. `scope.py` writes down what it covers.
"""
