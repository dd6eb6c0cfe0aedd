"""Service Usage v1 and v1beta1: the enabled APIs of a project, and its service identities."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.iam.policies import make_agent
from tuning_sandbox.kernel import Api, Call, GoogleError, Sandbox, invalid_argument, not_found

api = Api("serviceusage", versions=("v1", "v1beta1"), title="Service Usage API")
Doc = dict[str, Any]

_PROJECT = "/{version}/projects/{project}/services"
_SERVICE = _PROJECT + "/{service}"
_IDS = "serviceusage.services"
_OPERATIONS = "services.operations"
_STATES = "services.states"
_ENABLE_SECONDS = 2.0
_MOST_NAMES = 30
_NOOP = "operations/noop.DONE_OPERATION"
_AGENTS = {
    "aiplatform.googleapis.com": "gcp-sa-aiplatform",
    "cloudkms.googleapis.com": "gcp-sa-cloudkms",
    "storage.googleapis.com": "gs-project-accounts",
}
TITLES = {
    "aiplatform.googleapis.com": "Vertex AI API",
    "cloudbilling.googleapis.com": "Cloud Billing API",
    "cloudkms.googleapis.com": "Cloud Key Management Service (KMS) API",
    "cloudquotas.googleapis.com": "Cloud Quotas API",
    "cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
    "iam.googleapis.com": "Identity and Access Management (IAM) API",
    "iamcredentials.googleapis.com": "IAM Service Account Credentials API",
    "monitoring.googleapis.com": "Cloud Monitoring API",
    "orgpolicy.googleapis.com": "Organization Policy API",
    "serviceusage.googleapis.com": "Service Usage API",
    "storage.googleapis.com": "Cloud Storage API",
}

api.behaviour("every service is enabled until it is disabled", source="assumed")
api.behaviour("enabling takes effect when its operation is done, two seconds later", source="assumed")


@api.route(
    "GET",
    _SERVICE,
    id=f"{_IDS}.get",
    permission="serviceusage.services.get",
    source="discovery",
    does="one service and whether it is enabled",
)
def get_service(call: Call) -> Doc:
    return _service(call, _checked(call.params["service"]))


@api.route(
    "GET",
    _PROJECT,
    id=f"{_IDS}.list",
    permission="serviceusage.services.list",
    source="discovery",
    does="pages through the services, filtered by state if requested",
)
def list_services(call: Call) -> Doc:
    names = {
        *TITLES,
        *(n.partition("/")[2] for n in call.sandbox.store.collection(_STATES).names(call.project.id + "/")),
    }
    found = [_service(call, name) for name in sorted(names)]
    if asked := call.query.get("filter", ""):
        wanted = re.fullmatch(r"state:(ENABLED|DISABLED)", asked)
        if wanted is None:
            raise invalid_argument(f"The filter {asked} is not valid: it is state:ENABLED or state:DISABLED.", "filter")
        found = [service for service in found if service["state"] == wanted[1]]
    return call.page(found, key="services", default=50, maximum=200)


@api.route(
    "GET",
    _PROJECT + ":batchGet",
    id=f"{_IDS}.batchGet",
    permission="serviceusage.services.get",
    source="discovery",
    does="up to 30 services by name and whether each is enabled; their names carry the project's number",
)
def batch_get_services(call: Call) -> Doc:
    names = call.query_all("names")
    if not names or len(names) > _MOST_NAMES:
        raise invalid_argument(f"names must name between 1 and {_MOST_NAMES} services.", "names")
    found = []
    for name in names:
        match = re.fullmatch(r"projects/([^/]+)/services/([^/]+)", name)
        if match is None or call.sandbox.projects.resolve(match[1]).id != call.project.id:
            raise invalid_argument(
                f"The service {name} is not in the parent projects/{call.params['project']}.", "names"
            )
        found.append(_service(call, _checked(match[2])))
    return {"services": found}


@api.route(
    "POST",
    _SERVICE + ":enable",
    id=f"{_IDS}.enable",
    permission="serviceusage.services.enable",
    source="discovery",
    does="an operation that enables a service; a no-op if it is already enabled",
)
def enable_service(call: Call) -> Doc:
    return _enable(call, [_checked(call.params["service"])], batch=False)


@api.route(
    "POST",
    _PROJECT + ":batchEnable",
    id=f"{_IDS}.batchEnable",
    permission="serviceusage.services.enable",
    source="discovery",
    does="one operation for up to 20 services",
)
def batch_enable_services(call: Call) -> Doc:
    names = [_checked(str(name)) for name in call.body.get("serviceIds", [])]
    if not names or len(names) > 20:
        raise GoogleError(400, "INVALID_ARGUMENT", "service_ids must name between 1 and 20 services.")
    return _enable(call, names, batch=True)


@api.route(
    "POST",
    _SERVICE + ":disable",
    id=f"{_IDS}.disable",
    permission="serviceusage.services.disable",
    source="discovery",
    does="disables a service at once; its API then answers 403 SERVICE_DISABLED",
)
def disable_service(call: Call) -> Doc:
    name = _checked(call.params["service"])
    for field in ("disableDependentServices", "checkIfServiceHasUsage"):
        # the sandbox's services do not depend on each other, and their use is not counted
        call.body.get(field)
    call.sandbox.store.collection(_STATES).put(f"{call.project.id}/{name}", {"state": "DISABLED"})
    return _done(call, "DisableServiceResponse", {"service": _service(call, name)})


@api.route(
    "POST",
    _SERVICE + ":generateServiceIdentity",
    id=f"{_IDS}.generateServiceIdentity",
    permission="serviceusage.services.generateServiceIdentity",
    source="discovery",
    does="makes the service's agent in the project (v1beta1)",
)
def generate_service_identity(call: Call) -> Doc:
    name = _checked(call.params["service"])
    agent = _AGENTS.get(name, "gcp-sa-" + name.partition(".")[0])
    email = make_agent(call.sandbox, call.project.number, agent)
    unique_id = str(int(call.project.number) * 1009 + sum(map(ord, name)))
    identity = {"email": email, "uniqueId": unique_id}
    type_name = "type.googleapis.com/google.api.serviceusage.v1beta1.ServiceIdentity"
    return {
        "name": f"operations/finished.DONE_OPERATION.{unique_id}",
        "done": True,
        "response": {"@type": type_name, **identity},
    }


@api.route(
    "GET",
    "/{version}/operations/{operation}",
    id="serviceusage.operations.get",
    source="discovery",
    does="an operation of Service Usage",
)
def get_operation(call: Call) -> Doc:
    name = "operations/" + call.params["operation"]
    if name == _NOOP:
        return {"name": name, "done": True, "response": {}}
    operation = call.sandbox.store.collection(_OPERATIONS).get(name)
    if operation is None:
        raise not_found(f"Operation {name} not found.")
    return {key: value for key, value in operation.items() if not key.startswith("_")}


@api.behaviour("a missing permission is not named: AUTH_PERMISSION_DENIED", source="thread")
def denied(call: Call) -> GoogleError:
    """The 403 of Service Usage, which names the service or the project and not the permission."""
    names = [call.params.get("service", ""), *call.query_all("names")]
    service = next((name.rpartition("/")[2] for name in names if name), "")
    verb = (call.route.id or "").rpartition(".")[2]
    text = f"Permission denied to {'get' if verb == 'batchGet' else verb} service [{service}]"
    if not service:
        text = f"Permission denied to list services for consumer container [projects/{call.project.number}]"
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "AUTH_PERMISSION_DENIED",
        "domain": "serviceusage.googleapis.com",
    }
    return GoogleError(403, "PERMISSION_DENIED", text, [info])


api.denial = denied


@api.on_start
def resume(sandbox: Sandbox) -> None:
    """Finish operations that had not ended."""
    for operation in sandbox.store.collection(_OPERATIONS).all():
        if not operation.get("done"):
            sandbox.clock.after(_ENABLE_SECONDS, _finish, sandbox, operation["name"])


class EnabledApis:
    """The enabled APIs, as the other modules use them (`kernel.protocols.EnabledServices`)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def is_enabled(self, project_id: str, host: str) -> bool:
        """Whether the API of this host is on in the project."""
        return is_enabled(self._sandbox, project_id, host)


def is_enabled(sandbox: Sandbox, project_id: str, host: str) -> bool:
    """Whether the API of this host is enabled in the project. Every API is enabled until it is disabled."""
    state = sandbox.store.collection(_STATES).get(f"{project_id}/{host}")
    return state is None or state["state"] == "ENABLED"


def _enable(call: Call, names: list[str], *, batch: bool) -> Doc:
    project = call.project
    missing = [name for name in names if not is_enabled(call.sandbox, project.id, name)]
    kind = "BatchEnableServicesResponse" if batch else "EnableServiceResponse"
    key = "services" if batch else "service"
    services: list[Doc] = [{**_service(call, name), "state": "ENABLED"} for name in names]
    response = {"@type": f"type.googleapis.com/google.api.serviceusage.{call.version}.{kind}"}
    response_body: Doc = {**response, key: services if batch else services[0]}
    if not missing:
        return {"name": _NOOP, "done": True, "response": response_body}
    operation: Doc = {
        "name": f"operations/acf.p2-{project.number}-{call.sandbox.ids.number(16)}",
        "metadata": {
            "@type": f"type.googleapis.com/google.api.serviceusage.{call.version}.OperationMetadata",
            "resourceNames": [f"projects/{project.number}/services/{name}" for name in names],
        },
        "_project": project.id,
        "_services": missing,
        "_response": response_body,
    }
    name = str(operation["name"])
    call.sandbox.store.collection(_OPERATIONS).put(name, operation)
    call.sandbox.clock.after(_ENABLE_SECONDS, _finish, call.sandbox, name)
    return {key: value for key, value in operation.items() if not key.startswith("_")}


def _finish(sandbox: Sandbox, name: str) -> None:
    operations = sandbox.store.collection(_OPERATIONS)
    operation = operations.get(name)
    if operation is None or operation.get("done"):
        return
    for service in operation["_services"]:
        sandbox.store.collection(_STATES).put(f"{operation['_project']}/{service}", {"state": "ENABLED"})
    operations.put(name, {**operation, "done": True, "response": operation["_response"]})


def _done(call: Call, kind: str, response: Doc) -> Doc:
    type_name = f"type.googleapis.com/google.api.serviceusage.{call.version}.{kind}"
    name = f"operations/acat.p2-{call.project.number}-{call.sandbox.ids.number(16)}"
    operation = {"name": name, "done": True, "response": {"@type": type_name, **response}}
    call.sandbox.store.collection(_OPERATIONS).put(name, operation)
    return operation


def _service(call: Call, name: str) -> Doc:
    state = "ENABLED" if is_enabled(call.sandbox, call.project.id, name) else "DISABLED"
    parent = f"projects/{call.project.number}"
    return {
        "name": f"{parent}/services/{name}",
        "config": {"name": name, "title": TITLES.get(name, name)},
        "state": state,
        "parent": parent,
    }


def _checked(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*\.googleapis\.com", name):
        raise GoogleError(
            403,
            "PERMISSION_DENIED",
            f"Not found or permission denied for service(s): {name}.",
            [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED",
                    "domain": "serviceusage.googleapis.com",
                    "metadata": {"services": name},
                }
            ],
        )
    return name
