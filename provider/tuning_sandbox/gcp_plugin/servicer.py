"""The plugin protocol: the calls of the Pulumi engine, served by the stand-in's resources and functions."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from typing_extensions import override

from tuning_sandbox.gcp_plugin.api import Api, ApiError, StandInError
from tuning_sandbox.gcp_plugin.resource import DEFAULTS, Change, Checked, Context, Naming, Resource, Settings
from tuning_sandbox.gcp_plugin.tokens import find_function, find_resource
from tuning_sandbox.gcp_plugin.values import Properties, from_struct, secret_outputs, to_struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tuning_sandbox.gcp_plugin.engine import Engine

VERSION = "10.2.0"
_R = TypeVar("_R")
_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_PROJECT_VARIABLES = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
_REGION_VARIABLES = ("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION")


def _readable(method: Callable[..., _R]) -> Callable[..., _R]:
    """Turns errors of the sandbox and of the stand-in into one engine message, never a traceback."""

    def call(self: GcpStandIn, request: Any, context: grpc.ServicerContext) -> _R:
        try:
            return method(self, request, context)
        except (ApiError, StandInError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Exception as error:  # noqa: BLE001  # an error in the stand-in itself: report its name
            text = f"the sandbox's stand-in for the gcp plugin failed: {type(error).__name__}: {error}"
            context.abort(grpc.StatusCode.INTERNAL, text)
        raise AssertionError("abort does not return")

    call.__name__ = method.__name__
    return call


class GcpStandIn(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider. The engine starts a process for each."""

    def __init__(self, api: Api, engine: Engine, environment: Mapping[str, str]) -> None:
        self._api = api
        self._engine = engine
        self._environment = environment
        self._settings = Settings()

    @property
    def _context(self) -> Context:
        return Context(self._api, self._settings)

    # The process

    @override
    def Handshake(self, request: Any, context: Any) -> Any:
        self._engine.attach(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @override
    def Attach(self, request: Any, context: Any) -> Any:
        self._engine.attach(request.address)
        return empty_pb2.Empty()

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    @override
    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    # Configuration

    @override
    @_readable
    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    @override
    @_readable
    def DiffConfig(self, request: Any, context: Any) -> Any:
        old, new = from_struct(request.olds)[0], from_struct(request.news)[0]
        changed = [name for name in {*old, *new} if old.get(name) != new.get(name)]
        # A resource's own diff handles another project or region; the provider itself is never replaced.
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some, diffs=sorted(changed))

    @override
    @_readable
    def Configure(self, request: Any, context: Any) -> Any:
        self._api.require_address()
        plain = from_struct(request.args)[0]
        labels = plain.get("defaultLabels") or {}
        self._settings = Settings(
            project=str(plain.get("project") or self._from_environment(_PROJECT_VARIABLES)),
            region=str(plain.get("region") or self._from_environment(_REGION_VARIABLES)),
            default_labels=json.loads(labels) if isinstance(labels, str) else labels,
            attribution=str(plain.get("addPulumiAttributionLabel", "true")).lower() != "false",
        )
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    def _from_environment(self, names: tuple[str, ...]) -> str:
        return next((value for name in names if (value := self._environment.get(name))), "")

    @override
    @_readable
    def Invoke(self, request: Any, context: Any) -> Any:
        args, secret = from_struct(request.args)
        result = find_function(request.tok)(args, self._context)
        response = provider_pb2.InvokeResponse()
        # `return` is a keyword in Python.
        getattr(response, "return").CopyFrom(to_struct(result, secret_outputs(args, secret, result)))
        return response

    # Resources

    @override
    @_readable
    def Check(self, request: Any, context: Any) -> Any:
        resource = find_resource(_token(request))
        olds, _ = from_struct(request.olds)
        news, secret = from_struct(request.news)
        checked = resource.check(request.urn, olds, news, self._settings, _naming(request))
        self._warn_of_inert(resource, checked, request.urn)
        failures = [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in checked.failures]
        return provider_pb2.CheckResponse(inputs=to_struct(checked.inputs, secret), failures=failures)

    def _warn_of_inert(self, resource: Resource, checked: Checked, urn: str) -> None:
        if checked.inert:
            names = ", ".join(checked.inert)
            self._engine.warn(f"{names}: kept in state, but the sandbox has nothing that acts on it.", urn)

    @override
    @_readable
    def Diff(self, request: Any, context: Any) -> Any:
        resource = find_resource(_token(request))
        olds, news = from_struct(request.olds)[0], from_struct(request.news)[0]
        changes = resource.changes(olds, from_struct(request.old_inputs)[0], news, self._settings)
        for ignored in request.ignoreChanges:
            changes.pop(ignored.partition(".")[0].partition("[")[0], None)
        return _diff_response(resource, changes, news)

    @override
    @_readable
    def Create(self, request: Any, context: Any) -> Any:
        resource = find_resource(_token(request))
        inputs, secret = from_struct(request.properties)
        if request.preview:
            resource_id, outputs = "", resource.preview_create(inputs, self._settings)
        else:
            resource_id, outputs = resource.create(inputs, self._context)
        return provider_pb2.CreateResponse(id=resource_id, properties=_outputs(resource, inputs, secret, outputs))

    @override
    @_readable
    def Read(self, request: Any, context: Any) -> Any:
        resource = find_resource(_token(request))
        state, secret = from_struct(request.properties)
        old_inputs, secret_inputs = from_struct(request.inputs)
        found = resource.read(request.id, state, self._context)
        if found is None:
            return provider_pb2.ReadResponse()
        resource_id, outputs = found
        inputs = resource.inputs_of(outputs, old_inputs)
        return provider_pb2.ReadResponse(
            id=resource_id,
            properties=_outputs(resource, state, secret, outputs),
            inputs=to_struct(inputs, secret_inputs),
        )

    @override
    @_readable
    def Update(self, request: Any, context: Any) -> Any:
        resource = find_resource(_token(request))
        state, _ = from_struct(request.olds)
        inputs, secret = from_struct(request.news)
        if request.preview:
            outputs = resource.preview_update(state, inputs, self._settings)
        elif self._only_policies_differ(resource, request, state, inputs):
            outputs = state | {name: inputs[name] for name in ("deletionPolicy", "forceDestroy") if name in inputs}
        else:
            outputs = resource.update(request.id, state, inputs, self._context)
        return provider_pb2.UpdateResponse(properties=_outputs(resource, inputs, secret, outputs))

    def _only_policies_differ(self, resource: Resource, request: Any, state: Properties, inputs: Properties) -> bool:
        # deletionPolicy and forceDestroy are only in state, so they need no API call.
        changes = resource.changes(state, from_struct(request.old_inputs)[0], inputs, self._settings)
        return bool(changes) and set(changes) <= {"deletionPolicy", "forceDestroy"}

    @override
    @_readable
    def Delete(self, request: Any, context: Any) -> Any:
        resource = find_resource(_token(request))
        state = from_struct(request.properties)[0]
        policy = state.get("deletionPolicy", "DELETE")
        if policy == "PREVENT":
            raise StandInError(
                f"cannot destroy {request.id}: its deletionPolicy is PREVENT. Set it to DELETE (or ABANDON to only "
                "forget it), run up, and then destroy it."
            )
        if policy != "ABANDON" and (warning := resource.delete(request.id, state, self._context)):
            self._engine.warn(warning, request.urn)
        return empty_pb2.Empty()


def _token(request: Any) -> str:
    """The resource's type: the last type in the URN."""
    if request.type:
        return str(request.type)
    return str(request.urn.split("::")[2].rpartition("$")[2])


def _naming(request: Any) -> Naming:
    options = request.autonaming
    modes = provider_pb2.CheckRequest.AutonamingOptions
    given = request.HasField("autonaming")
    return Naming(
        urn_name=request.name or request.urn.rpartition("::")[2],
        seed=bytes(request.randomSeed) or secrets.token_bytes(16),
        proposed=options.proposed_name if given else "",
        disabled=given and options.mode == modes.DISABLE,
        enforced=given and options.mode == modes.ENFORCE,
    )


def _outputs(resource: Resource, inputs: Properties, secret: set[str], outputs: Properties) -> struct_pb2.Struct:
    marked = secret_outputs(inputs, secret, outputs) | {name for name in resource.secret_outputs if name in outputs}
    return to_struct(outputs, marked)


def _diff_response(resource: Resource, changes: dict[str, Change], news: Properties) -> Any:
    replaces = sorted(name for name, change in changes.items() if change.replaces)
    some = provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE
    name = resource.name_property
    # A name that the user chose can exist only once, so the old resource must be deleted first.
    fixed_name = name is not None and name not in news.get(DEFAULTS, []) and name not in changes
    detailed = {
        key: provider_pb2.PropertyDiff(kind=_KINDS[(change.kind, change.replaces)], inputDiff=True)
        for key, change in changes.items()
    }
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=sorted(changes),
        replaces=replaces,
        detailedDiff=detailed,
        hasDetailedDiff=bool(detailed),
        deleteBeforeReplace=bool(replaces) and fixed_name,
    )
