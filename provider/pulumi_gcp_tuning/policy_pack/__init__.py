"""The folder of the policy pack, for `pulumi preview --policy-pack`; `gcp-tuning policy-pack` prints its path."""
