"""The application: every API of the sandbox on one origin."""

from __future__ import annotations

from tuning_sandbox.kernel.front import Front
from tuning_sandbox.kernel.routes import Api
from tuning_sandbox.kernel.sandbox import Config, Sandbox


def load_apis() -> list[Api]:
    """The APIs of all modules."""
    from tuning_sandbox import billing, iam, kms, org_policies, projects, quotas, services, storage, vertex

    apis: list[Api] = []
    for module in (storage, kms, iam, projects, billing, org_policies, services, quotas, vertex):
        apis.extend(getattr(module, "apis", None) or [module.api])
    return apis


def create_app(config: Config | None = None, *, sandbox: Sandbox | None = None) -> Front:
    """An ASGI application with a fresh sandbox behind it (`app.state.sandbox`)."""
    return Front(sandbox or Sandbox(config or Config(), load_apis()))
