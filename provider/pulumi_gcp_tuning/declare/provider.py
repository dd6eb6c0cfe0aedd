"""An explicit provider: project, location and credentials for the resources that use it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ParamSpec

import pulumi

from pulumi_gcp_tuning.declare.arguments import WrongArgumentError
from pulumi_gcp_tuning.declare.resource import OURS, naming, with_checked_names
from pulumi_gcp_tuning.redaction import holds_credential

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pulumi import Input

P = ParamSpec("P")
_SIGNING = {"credentials", "access_token"}  # what pulumi_gcp.Provider has


def _without_credentials(init: Callable[P, None]) -> Callable[P, None]:
    """A credential is refused, because it would stand in the state."""

    @functools.wraps(init)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        with naming(str(args[1] if len(args) > 1 else kwargs.get("resource_name", "")), "Provider"):
            if given := sorted(_SIGNING & kwargs.keys()):
                raise WrongArgumentError(
                    f"{', '.join(given)}: there is no such argument, because it would stand in state. Credentials come "
                    "from the environment (GOOGLE_CREDENTIALS, GOOGLE_OAUTH_ACCESS_TOKEN)."
                )
            if wrong := [name for name, value in kwargs.items() if isinstance(value, str) and holds_credential(value)]:
                raise WrongArgumentError(
                    f"{', '.join(wrong)}: the value looks like a private key or a token, so it is not shown. It would be "
                    "stored in the state. Set credentials in the environment."
                )
        init(*args, **kwargs)

    return checked


class Provider(pulumi.ProviderResource):
    """Settings for the resources that use it: ``opts=ResourceOptions(provider=...)``.

    As with ``gcp.Provider``, they use these settings and the environment, not the stack's ``gcp:*`` configuration.
    Credentials come from the environment; ``impersonate_service_account`` is the account that they act as.
    """

    @_without_credentials
    @with_checked_names
    def __init__(
        self,
        resource_name: str,
        *,
        project: Input[str] | None = None,
        region: Input[str] | None = None,
        location: Input[str] | None = None,
        as_of: Input[str] | None = None,
        base_url: Input[str] | None = None,
        billing_project: Input[str] | None = None,
        catalog: Input[str | Mapping[str, Any]] | None = None,
        checks: Input[Mapping[str, Input[str]]] | None = None,
        default_labels: Input[Mapping[str, Input[str]]] | None = None,
        deletion_policy: Input[str] | None = None,
        gemini_base_url: Input[str] | None = None,
        impersonate_service_account: Input[str] | None = None,
        max_cost: Input[float] | None = None,
        on_change: Input[str] | None = None,
        on_quota: Input[str] | None = None,
        poll_interval: Input[float] | None = None,
        universe_domain: Input[str] | None = None,
        user_project_override: Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``region`` and ``location`` are the same setting under pulumi_gcp's two names; give one."""
        if region is not None and location is not None:
            raise pulumi.RunError(f"Provider {resource_name!r}: give region or location, not both.")
        given: dict[str, object] = {
            "gcp:project": project,
            "gcp:region": region if region is not None else location,
            "gcp:billingProject": billing_project,
            "gcp:defaultLabels": default_labels,
            "gcp:impersonateServiceAccount": impersonate_service_account,
            "gcp:universeDomain": universe_domain,
            "gcp:userProjectOverride": user_project_override,
            "gcp-tuning:asOf": as_of,
            "gcp-tuning:baseUrl": base_url,
            "gcp-tuning:geminiBaseUrl": gemini_base_url,
            "gcp-tuning:catalog": catalog,
            "gcp-tuning:checks": checks,
            "gcp-tuning:deletionPolicy": deletion_policy,
            "gcp-tuning:maxCost": max_cost,
            "gcp-tuning:onChange": on_change,
            "gcp-tuning:onQuota": on_quota,
            "gcp-tuning:pollInterval": poll_interval,
        }
        props = {key: _as_text(value) for key, value in given.items() if value is not None}
        self._settings = props
        super().__init__(OURS, resource_name, props, opts)


def _as_text(value: object) -> object:
    """Provider inputs arrive as configuration does: as text, JSON where they are not text."""
    if isinstance(value, str):
        return value
    return pulumi.Output.from_input(value).apply(lambda v: v if isinstance(v, str) else pulumi.runtime.to_json(v))
