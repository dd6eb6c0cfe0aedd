"""Service accounts, enabled services and service identities of a project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from tuning_sandbox.gcp_plugin.api import ApiError, Json, StandInError
from tuning_sandbox.gcp_plugin.resource import Context, Failure, Naming, Prop, Resource, Settings
from tuning_sandbox.gcp_plugin.values import UNKNOWN, Properties

if TYPE_CHECKING:
    from collections.abc import Iterable

_POLICIES: Final = ("DELETE", "ABANDON", "PREVENT")
_ACCOUNT_ID: Final = re.compile(r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])")


class Account(Resource):
    """gcp.serviceaccount.Account."""

    type_name = "gcp:serviceaccount/account:Account"
    name_property = "accountId"
    computed = ("email", "member", "name", "uniqueId")
    inputs = (
        Prop("accountId", forces_new=True),
        Prop("displayName"),
        Prop("description"),
        Prop("disabled", bool),
        Prop("project", forces_new=True),
        Prop("createIgnoreAlreadyExists", bool),
        Prop("deletionPolicy", default="DELETE", choices=_POLICIES),
    )

    @override
    def make_name(self, naming: Naming) -> Any:
        return naming.name(30, lambda text: re.sub(r"[^a-z0-9-]", "-", text.lower()))

    @override
    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        account_id = inputs.get("accountId")
        if isinstance(account_id, str) and not _ACCOUNT_ID.fullmatch(account_id):
            yield Failure("accountId", f"{account_id!r} must be 6 to 30 of a-z, 0-9 and '-', beginning with a letter")

    @override
    def preview_more(self, known: Properties) -> Properties:
        if known["accountId"] is UNKNOWN or known["project"] is UNKNOWN:
            return {}
        email = f"{known['accountId']}@{known['project']}.iam.gserviceaccount.com"
        return {"email": email, "member": f"serviceAccount:{email}"}

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        project = context.settings.require_project(inputs)
        body = {"accountId": inputs["accountId"], "serviceAccount": _texts(inputs)}
        try:
            wire = context.api.post(f"/v1/projects/{project}/serviceAccounts", body)
        except ApiError as error:
            if error.status != 409 or not inputs.get("createIgnoreAlreadyExists"):
                raise StandInError(f"Error creating service account: {error}") from None
            email = f"{inputs['accountId']}@{project}.iam.gserviceaccount.com"
            wire = context.api.get(f"/v1/projects/{project}/serviceAccounts/{email}")
        if inputs.get("disabled"):
            context.api.post(f"/v1/{wire['name']}:disable")
            wire["disabled"] = True
        return wire["name"], self._outputs(wire, inputs)

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        email = resource_id.rpartition("/")[2]
        project = state.get("project") or (resource_id.split("/")[1] if "/" in resource_id else "-")
        wire = context.api.find(f"/v1/projects/{project}/serviceAccounts/{email}")
        return None if wire is None else (wire["name"], self._outputs(wire, state))

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        body = {"serviceAccount": _texts(inputs), "updateMask": "displayName,description"}
        wire = context.api.patch(f"/v1/{resource_id}", body)
        disabled = inputs.get("disabled") in (True, "true")
        if disabled != bool(state.get("disabled")):
            context.api.post(f"/v1/{resource_id}:{'disable' if disabled else 'enable'}")
        return self._outputs({**wire, "disabled": disabled}, inputs)

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        context.api.delete(f"/v1/{resource_id}")
        return None

    def _outputs(self, wire: Json, state: Properties) -> Properties:
        outputs: Properties = {
            "accountId": wire["email"].partition("@")[0],
            "displayName": wire.get("displayName", ""),
            "description": wire.get("description", ""),
            "disabled": bool(wire.get("disabled", False)),
            "project": wire["projectId"],
            "email": wire["email"],
            "member": f"serviceAccount:{wire['email']}",
            "name": wire["name"],
            "uniqueId": wire["uniqueId"],
            "deletionPolicy": state.get("deletionPolicy", "DELETE"),
        }
        if "createIgnoreAlreadyExists" in state:
            outputs["createIgnoreAlreadyExists"] = state["createIgnoreAlreadyExists"]
        return outputs


def _texts(inputs: Properties) -> Json:
    return {"displayName": inputs.get("displayName", ""), "description": inputs.get("description", "")}


class Service(Resource):
    """gcp.projects.Service."""

    type_name = "gcp:projects/service:Service"
    name_property = None
    inputs = (
        Prop("service", required=True, forces_new=True),
        Prop("project", forces_new=True, same=lambda old, new: old == new.removeprefix("projects/")),
        Prop("disableOnDestroy", bool),
        Prop("disableDependentServices", bool),
        Prop("checkIfServiceHasUsageOnDestroy", bool),
        Prop("deletionPolicy", default="DELETE", choices=_POLICIES),
    )

    @override
    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        service = inputs.get("service")
        if isinstance(service, str) and "." not in service:
            yield Failure("service", f"{service!r} must be a host such as aiplatform.googleapis.com")

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        project = _project(inputs, context.settings)
        body = {"serviceIds": [inputs["service"]]}
        context.api.wait(context.api.post(f"/v1/projects/{project}/services:batchEnable", body))
        return f"{project}/{inputs['service']}", self._outputs(project, inputs)

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        project, _, service = resource_id.rpartition("/")
        project = project.removeprefix("projects/").removesuffix("/services")
        wire = context.api.find(f"/v1/projects/{project}/services/{service}")
        if wire is None or wire.get("state") != "ENABLED":
            return None
        return f"{project}/{service}", self._outputs(project, {**state, "service": service})

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        return self._outputs(state["project"], inputs)

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        if state.get("disableOnDestroy") in (True, "true"):
            body = {"disableDependentServices": state.get("disableDependentServices") in (True, "true")}
            path = f"/v1/projects/{state['project']}/services/{state['service']}:disable"
            context.api.wait(context.api.post(path, body))
        return None

    def _outputs(self, project: str, inputs: Properties) -> Properties:
        kept = {prop.name: inputs[prop.name] for prop in self.inputs if prop.name in inputs}
        return {**kept, "project": project, "deletionPolicy": inputs.get("deletionPolicy", "DELETE")}


class ServiceIdentity(Resource):
    """gcp.projects.ServiceIdentity."""

    type_name = "gcp:projects/serviceIdentity:ServiceIdentity"
    name_property = None
    computed = ("email", "member")
    inputs = (Prop("service", required=True, forces_new=True), Prop("project", forces_new=True))

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        project = _project(inputs, context.settings)
        path = f"/v1beta1/projects/{project}/services/{inputs['service']}:generateServiceIdentity"
        identity = context.api.wait(context.api.post(path), "v1beta1")
        return f"projects/{project}/services/{inputs['service']}", self._outputs(project, inputs["service"], identity)

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        # The API has no get: the identity is created once and is never deleted.
        _, project, _, service = resource_id.split("/")
        if state.get("email"):
            return resource_id, state
        return self.create({"service": service, "project": project}, context)

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        raise StandInError("a ServiceIdentity has nothing that can be updated.")

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        return None

    def _outputs(self, project: str, service: str, identity: Json) -> Properties:
        email = identity.get("email", "")
        return {"project": project, "service": service, "email": email, "member": f"serviceAccount:{email}"}


def _project(inputs: Properties, settings: Settings) -> str:
    return str(settings.require_project(inputs)).removeprefix("projects/")
