"""``gcp-tuning doctor``: whether everything that a stack needs works, from the CLI to the quota, and the remedy if not."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from pulumi_gcp_tuning.cli.check import run
from pulumi_gcp_tuning.cli.connection import DISTRIBUTION, google_of
from pulumi_gcp_tuning.cli.other_stacks import Backend
from pulumi_gcp_tuning.cli.pulumi_cli import Cli, find_pulumi
from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused, TuningError
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

PERMISSIONS: Final = (
    *(f"aiplatform.tuningJobs.{verb}" for verb in ("create", "get", "list", "cancel")),
    *(f"aiplatform.models.{verb}" for verb in ("get", "list", "update", "delete")),
    *(f"aiplatform.endpoints.{verb}" for verb in ("get", "list", "update", "delete", "undeploy")),
)
"""The permissions on the project that a stack with a TuningJob and its TunedModel needs, from ``up`` to ``destroy``."""

Verdict = Literal["ok", "warn", "broken"]


@dataclass(frozen=True)
class Line:
    """The result of one check."""

    about: str
    verdict: Verdict
    text: str


def doctor(
    *,
    stack: Annotated[str | None, typer.Option(help="The stack; Pulumi's current one if not given.")] = None,
    project: Annotated[str | None, typer.Option(help="The Google project; default: the stack's.")] = None,
    region: Annotated[str | None, typer.Option(help="The region of the jobs; default: the stack's.")] = None,
    cwd: Annotated[Path | None, typer.Option(help="The folder of the program, or a folder inside it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else on stdout.")] = False,
    pulumi: Cli = "pulumi",
) -> None:
    """Check versions, configuration, credentials, APIs, permissions, quota, and leftovers of earlier runs.

    It changes nothing. Exits 1 if something is broken.
    """
    lines: list[Line] = []
    for line in _lines(pulumi, stack, cwd, {"gcp:project": project, "gcp:region": region}):
        shown = Line(line.about, line.verdict, redact(line.text))
        lines.append(shown)
        if not as_json:
            typer.echo(f"{shown.verdict:<6} {shown.about}: {shown.text}")
    if as_json:
        typer.echo(json.dumps([asdict(line) for line in lines], indent=2, ensure_ascii=False))
    raise typer.Exit(1 if any(line.verdict == "broken" for line in lines) else 0)


def _lines(cli: str, stack: str | None, cwd: Path | None, given: dict[str, str | None]) -> Iterator[Line]:
    """The checks in the order of their dependencies; a check that depends on a failed one is left out."""
    from pulumi_gcp_tuning.config import Settings

    yield Line("versions", "ok", f"{DISTRIBUTION} {version_of(DISTRIBUTION)}, Python {platform.python_version()}")
    command = list[str]()
    try:
        command = [find_pulumi(cli)]
        yield _version(command)
    except Refused as error:
        yield Line("Pulumi CLI", "broken", str(error))
    state, configured = None, dict[str, str]()
    if command:
        line, state, configured = _stack(command, stack, cwd)
        yield line
    if state is not None:
        yield _pending(state)
    try:
        asked = configured | {key: value for key, value in given.items() if value}
        settings = Settings.resolve(asked, os.environ, pulumi_project=state.project if state else "")
        for origin in sorted(state.origins) if state else ():
            settings.check_origin(origin, "The state of the stack")
    except Refused as error:
        yield Line("configuration", "broken", str(error))
        return
    if settings.project is None or settings.location is None:
        missing = "gcp:project PROJECT" if settings.project is None else "gcp:region us-central1"
        yield Line(
            "configuration", "broken", f"No {missing.split(maxsplit=1)[0]} is set. Run: pulumi config set {missing}"
        )
        return
    where = f"project {settings.project}, location {settings.location}, {settings.api_origin}"
    yield Line("configuration", "ok", where)
    yield from _of_google(settings, state, Backend(command, cwd))


def _version(command: Sequence[str]) -> Line:
    done = run([*command, "version"], os.environ)
    sdk = version_of("pulumi")
    if done.code != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        return Line(
            "Pulumi CLI",
            "broken",
            f"{command[0]} does not run: {said[0] if said else f'it exited with code {done.code}'}.",
        )
    found = done.stdout.strip().removeprefix("v")
    text = f"{found}, with the Python SDK {sdk}"
    if _minor(found) < _minor(sdk):
        return Line("Pulumi CLI", "warn", f"{text}. The CLI is older than the SDK: update it.")
    return Line("Pulumi CLI", "ok", text)


def _stack(
    command: Sequence[str], stack: str | None, cwd: Path | None
) -> tuple[Line, StackState | None, dict[str, str]]:
    """Without ``stack``, a missing stack is not a fault: there may be none yet."""
    from pulumi_gcp_tuning.cli.stack_state import read_stack

    try:
        state, configured = read_stack(command, stack=stack, cwd=cwd)
    except Refused as error:
        return Line("stack", "broken" if stack else "warn", str(error)), None, {}
    count = sum(not entry.is_pending for entry in state.entries)
    text = f"{state.project}/{state.stack}, {counted(count, 'resource')} of this package in its state"
    return Line("stack", "ok", text), state, configured


def _pending(state: StackState) -> Line:
    left = [entry for entry in state.entries if entry.is_pending]
    if not left:
        return Line("pending operations", "ok", "none")
    names = ", ".join(f"{entry.kind} {entry.name!r}" for entry in left)
    return Line(
        "pending operations",
        "warn",
        f"The state does not have the result of an operation on {names}. If a run is active, wait for it. If not, it was "
        "interrupted: run `pulumi up`, which adopts what Google has. Then run "
        "`pulumi refresh --clear-pending-creates --yes` to stop Pulumi's warning.",
    )


def _of_google(settings: Settings, state: StackState | None, backend: Backend) -> Iterator[Line]:
    from pulumi_gcp_tuning.clock import SystemClock
    from pulumi_gcp_tuning.preflight import identity
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.facts import surroundings

    project = str(settings.project)
    google = google_of(settings)
    call = Call(urn="", settings=settings, google=google, clock=SystemClock())
    answers = True
    for line in _project(call, project):
        answers = answers and line.verdict != "broken"
        yield line
    if not answers:
        return
    apis = identity.check_apis(surroundings.fetch_apis(call, project), project)
    yield _judged("APIs", apis, f"{' and '.join(surroundings.APIS)} are enabled")
    yield _judged("billing", identity.check_billing(surroundings.fetch_billing(call, project)), "on")
    granted = surroundings.fetch_permissions(call, project, PERMISSIONS)
    caller = identity.check_caller(granted, f"project {project}")
    yield _judged("permissions", caller, f"all {len(PERMISSIONS)} that a job and its model need")
    yield _quota(call, project)
    yield _left(google, settings, state, backend)


def _project(call: Call, project: str) -> Iterator[Line]:
    """Whether the API answers, for which credentials, and for which project."""
    source = call.settings.credentials.source
    try:
        found = call.google.projects.get_project(project)
    except NotFound:
        yield Line("credentials", "ok", source)
        yield Line("project", "broken", f"There is no project {project}, or these credentials may not read it.")
        return
    except ApiError as error:
        if error.http_status in (0, 401):
            about = "credentials" if error.status == "UNAUTHENTICATED" or error.http_status == 401 else "connection"
            yield Line(about, "broken", str(error))
            return
        yield Line("credentials", "ok", source)
        needs = "resourcemanager.projects.get (roles/browser) and the Cloud Resource Manager API"
        yield Line("project", "warn", f"{project} cannot be read: {str(error).splitlines()[0]} This needs {needs}.")
        return
    yield Line("credentials", "ok", source)
    yield Line("project", "ok", f"{found.get('projectId', project)}, number {found.get('projectNumber', 'unknown')}")


def _quota(call: Call, project: str) -> Line:
    from pulumi_gcp_tuning.preflight import quota
    from pulumi_gcp_tuning.preflight.facts import LiveJobs
    from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
    from pulumi_gcp_tuning.resources.facts.surroundings import fetch_limits
    from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
    from pulumi_gcp_tuning.resources.jobs.listing import fetch_live_jobs

    catalogue, place = catalogue_of(call.settings), str(call.settings.location)
    need = quota.need_of("gemini", catalogue=catalogue)
    live = fetch_live_jobs(call, JOB_KINDS[0], f"projects/{project}/locations/{place}", catalogue, without="")
    usage = quota.Usage.of_jobs("gemini", need, LiveJobs(by_region={place: live}))
    job = quota.PlannedJob(name="the next job", need=need)
    limits = fetch_limits(call, project)
    findings = quota.check_quota(job, quota.Plan((job,)), limits, usage, project=project)
    position = quota.position_of(job, quota.Plan((job,)), getattr(limits, "value", ()), usage)
    return _judged("quota", findings, f"{need.display_name}: {position}")


def _left(google: Any, settings: Settings, state: StackState | None, backend: Backend) -> Line:
    """What is kept, and what no state has. What another stack of the backend has is not named."""
    from pulumi_gcp_tuning.cli.audit import look

    try:
        found = look(google, settings, [state] if state else [])
        unread = list[str]()
        if found.orphans and state:
            found = backend.name_others(found, settings, unread.append)
    except TuningError as error:
        return Line("what is kept", "warn", str(error))
    if found.problems:
        return Line("what is kept", "warn", " ".join(found.problems))
    kept = [item.name for item in found.items if item.why == "kept"]
    orphans = [item.name for item in found.orphans]
    text = f"{len(kept)} kept" + (f" ({', '.join(kept)})" if kept else "")
    if orphans and unread:
        text += f". {' '.join(unread)}"
    if not orphans:
        return Line("what is kept", "ok", text if state else "unknown, because no state was read")
    return Line(
        "what is kept",
        "warn",
        f"{text}; not in the state: {', '.join(orphans)}. `gcp-tuning audit` lists the reasons, "
        "and `gcp-tuning audit --delete NAME` deletes one.",
    )


def _judged(about: str, findings: Sequence[Finding], otherwise: str) -> Line:
    if not findings:
        return Line(about, "ok", otherwise)
    broken = any(finding.severity == "error" for finding in findings)
    return Line(about, "broken" if broken else "warn", " ".join(str(finding) for finding in findings))


def _minor(version: str) -> tuple[int, ...]:
    """The major and minor version, which decide whether a CLI supports an SDK."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
