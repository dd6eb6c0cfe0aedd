"""A stand-in for the plugin behind `pulumi_gcp`: the same tokens, mapped onto the sandbox.

It is started as `python -m tuning_sandbox.gcp_plugin ENGINE_ADDRESS`, calls the address in GCP_TUNING_BASE_URL and
serves what this project's stacks need. Everything else is refused by name (`tokens.py`). `scope.py` lists what it covers.
"""
