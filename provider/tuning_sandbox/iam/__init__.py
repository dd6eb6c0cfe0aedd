"""IAM in the sandbox: service accounts, their tokens, and the policies of resources."""

from __future__ import annotations

from tuning_sandbox.iam import roles as roles
from tuning_sandbox.iam.accounts import ServiceAccounts, apis

__all__ = ["ServiceAccounts", "apis"]
