"""The application: every API of the sandbox on one origin, and how its modules use each other."""

from __future__ import annotations

from tuning_sandbox import billing, gemini_api, iam, kms, org_policies, projects, quotas, services, storage, vertex
from tuning_sandbox.kernel.api import Api
from tuning_sandbox.kernel.front import Front
from tuning_sandbox.kernel.protocols import Services
from tuning_sandbox.kernel.sandbox import Config, Sandbox


def load_apis() -> list[Api]:
    """The APIs of all modules."""
    apis = [storage.api, kms.api, *iam.apis, *projects.apis, billing.api, org_policies.api, services.api]
    return [*apis, *quotas.apis, vertex.api, gemini_api.api]


def connect(sandbox: Sandbox) -> Services:
    """The modules of a sandbox, connected to each other."""
    return Services(
        storage=storage.StoredObjects(sandbox),
        keys=kms.CryptoKeys(sandbox),
        accounts=iam.ServiceAccounts(sandbox),
        enabled=services.EnabledApis(sandbox),
        billing=billing.BillingAccounts(sandbox),
        org_policies=org_policies.Constraints(sandbox),
        quotas=quotas.Limits(sandbox),
    )


def create_app(config: Config | None = None) -> Front:
    """An ASGI application with a new sandbox (`app.state.sandbox`)."""
    apis = load_apis()
    return Front(Sandbox(config or Config(), apis, connect), apis)
