"""The application: every API of the sandbox on one origin."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

from tuning_sandbox.kernel.routes import Api
from tuning_sandbox.kernel.sandbox import Config, Sandbox

if TYPE_CHECKING:
    from starlette.applications import Starlette

MODULES = ("storage", "kms", "iam", "projects", "services", "quotas", "vertex")


def load_apis() -> list[Api]:
    """The APIs of all modules."""
    apis: list[Api] = []
    for name in MODULES:
        if importlib.util.find_spec(f"tuning_sandbox.{name}") is None:
            continue
        module = importlib.import_module(f"tuning_sandbox.{name}")
        apis.extend(getattr(module, "apis", None) or ([module.api] if hasattr(module, "api") else []))
    return apis


def create_app(config: Config | None = None, *, sandbox: Sandbox | None = None) -> Starlette:
    """An ASGI application with a fresh sandbox behind it (`app.state.sandbox`)."""
    from starlette.applications import Starlette
    from starlette.routing import Mount

    from tuning_sandbox.kernel.front import Front

    sandbox = sandbox or Sandbox(config or Config(), load_apis())
    app = Starlette(routes=[Mount("/", app=Front(sandbox))])
    app.state.sandbox = sandbox
    return app
