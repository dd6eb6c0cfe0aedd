"""Google as the lives see it: made by hand, watched, and with trouble at a chosen write."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from pulumi_gcp_tuning.cli.audit import look
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from support.hand_made_gemini import HandMadeTunedModels
from support.hand_made_google import ENDED, HandMadeGoogle, HandMadeJobs, SteppedClock, by_number, gone, lost, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.audit.items import Audit
    from pulumi_gcp_tuning.audit.state import StackState

When = Literal["before", "after", "lost", "interrupt"]
"""A kill before the write, a kill after it, an answer that is lost after it, or ^C while it runs."""

WRITES: Final = frozenset(
    {
        "upload_object",
        "patch_object",
        "delete_object",
        "create",
        "cancel",
        "delete",
        "patch",
        "patch_model",
        "delete_model",
        "delete_model_version",
        "create_endpoint",
        "patch_endpoint",
        "delete_endpoint",
        "deploy_model",
        "deploy_weights",
        "undeploy_model",
    }
)
_WAITS: Final = ("poll", "get_operation", "await_weights")
_OF_WHAT: Final = (HandMadeJobs, HandMadeTunedModels)


class Killed(BaseException):
    """The provider process is no more."""


class Violation(AssertionError):
    """A rule that did not hold: which one, and what was seen."""

    def __init__(self, rule: str, seen: str) -> None:
        super().__init__(f"{rule}: {seen}")
        self.rule, self.seen = rule, seen


class Cloud(Protocol):
    """Google, as the rules look at it."""

    def things(self) -> frozenset[str]: ...
    def serving(self, model: str) -> list[str]: ...
    def ended_well(self) -> frozenset[str]: ...
    def audit(self, state: StackState) -> Audit: ...


@dataclass
class Trouble:
    """What goes wrong at the write of this number, counted from 1 in one command."""

    number: int
    when: When


class Future(list[Any]):
    """What the wait for a job brings: it ends well, unless the life has planned something else."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def __bool__(self) -> bool:
        return True

    def pop(self, _index: Any = -1) -> Any:
        return self._world.end_while_waited_for


@dataclass
class World:
    """All that Google holds, and a journal of what one command wrote."""

    google: HandMadeGoogle = field(default_factory=HandMadeGoogle)
    clock: SteppedClock = field(default_factory=SteppedClock)
    trouble: Trouble | None = None
    denied: frozenset[str] = frozenset()
    cancelled: bool = False
    fail_next_job: bool = False
    written: list[tuple[str, str]] = field(default_factory=list)
    was_cancelled: list[tuple[str, str]] = field(default_factory=list)
    """Identity and spec of the jobs that this command cancelled while they ran."""

    def __post_init__(self) -> None:
        self.google.seconds = lambda: self.clock.seconds
        self.google.time = lambda: self.clock.now().isoformat()  # type: ignore[method-assign]
        self.google.future = Future(self)
        self.google.deploy_seconds = 60.0

    def begin(self) -> None:
        """A new command."""
        self.written.clear()
        self.was_cancelled.clear()
        self.cancelled = False

    def watched(self) -> Any:
        """Google, as a provider process is given it."""
        return _WatchedGoogle(self)

    def ask(self, of: Any, verb: str, answer: Callable[..., Any], given: tuple[Any, ...], more: dict[str, Any]) -> Any:
        """One call of the provider's."""
        self.clock.seconds += 1.0
        said = f"{verb}_{of.what}" if isinstance(of, _OF_WHAT) else verb
        if said in self.denied:
            raise ApiError(f"Permission denied for {said}.", http_status=403, status="PERMISSION_DENIED")
        if verb not in WRITES and not (verb in _WAITS and self.trouble is not None):
            return answer(*given, **more)
        self.written.append((said, str(given[0]) if given else ""))
        trouble = self.trouble
        at = trouble.when if trouble is not None and trouble.number == len(self.written) else None
        if at == "before":
            raise Killed
        if at == "interrupt":
            self.cancelled = True
        self._judge(of, verb, given)
        try:
            if verb == "deploy_model":
                self.google.models[self.google.version_of(given[1]["model"])]
            made = answer(*given, **more)
            if said == "create_tuned_model" and self.fail_next_job:
                self.fail_next_job = False
                self.google.models[f"tunedModels/{given[0]}"]["fails"] = True
        except KeyError as error:  # dicts in place of services
            raise gone(str(error)) from error
        if at == "after":
            raise Killed
        if at == "lost" and verb not in _WAITS:
            raise lost()
        return made

    def _judge(self, of: Any, verb: str, given: tuple[Any, ...]) -> None:
        """Money: no job beside one that could be adopted, and none in place of one that this command cancelled."""
        if isinstance(of, HandMadeTunedModels) and verb == "create":
            self._judge_tuned_model(f"tunedModels/{given[0]}")
        if not isinstance(of, HandMadeJobs):
            return
        if verb == "cancel":
            job = self.google.jobs.get(by_number(given[0]))
            if job is not None and self.is_running(job):
                self.was_cancelled.append(_declaration(job))
        if verb != "create":
            return
        wanted = _declaration(given[1])
        if wanted in self.was_cancelled:
            raise Violation("paid twice", "the same command cancelled the job that it submits")
        for job in self.google.jobs.values():
            if _declaration(job) == wanted and (self.is_running(job) or self.has_model(job)):
                raise Violation("paid twice", f"{job['name']} ({job['state']}) is this declaration's already")

    def _judge_tuned_model(self, wanted: str) -> None:
        """The id names the declaration; a number behind it means that the models before it have failed."""
        own = _declared_id(wanted)
        for name, model in self.google.models.items():
            if (
                name.startswith("tunedModels/")
                and name != wanted
                and _declared_id(name) == own
                and model["state"] != "FAILED"
            ):
                raise Violation("paid twice", f"{name} ({model['state']}) is this declaration's already")

    def is_running(self, job: dict[str, Any]) -> bool:
        """Whether Google works on it, and is paid for it."""
        return job["state"].rpartition("_STATE_")[2] not in (*ENDED, "CANCELLING")

    def has_model(self, job: dict[str, Any]) -> bool:
        """Whether what it made is still there."""
        if not job["state"].endswith("_SUCCEEDED"):
            return False
        if folder := job.get("outputUri"):
            return any(f"gs://{bucket}/{name}".startswith(f"{folder}/") for bucket, name in self.google.objects)
        made = str(job.get("tunedModel", {}).get("model") or job.get("jobDetail"))
        named = re.findall(r"projects/[0-9]+/locations/[a-z0-9-]+/models/[0-9@]+", made)
        return any(self.google.version_of(each) in self.google.models for each in named)

    def end_while_waited_for(self, name: str) -> None:
        """The job ends under the eyes of who waits for it."""
        job = self.google.jobs[name]
        if self.fail_next_job and job["state"].startswith("JOB_"):
            self.fail_next_job = False
            self.google.fail(name)
        else:
            self.google.succeed(name)

    def end_all_jobs(self) -> None:
        """Some hours pass."""
        self.clock.seconds += 6 * 3600.0
        for name, job in list(self.google.jobs.items()):
            if self.is_running(job):
                self.google.succeed(name)
        self.google.bring()
        for model in self.google.models.values():
            if model.get("state") == "CREATING":
                model["state"] = "FAILED" if "fails" in model else "ACTIVE"

    def things(self) -> frozenset[str]:
        """Everything that somebody can lose: objects, models, endpoints, deployments, and jobs that run."""
        google = self.google
        found = {f"gs://{bucket}/{name.partition('/postprocess/')[0]}" for bucket, name in google.objects}
        found |= {*google.models, *google.endpoints}
        for name, endpoint in google.endpoints.items():
            found |= {f"{name}/deployedModels/{each['id']}" for each in endpoint.get("deployedModels") or ()}
        found |= {f"running {name}" for name, job in google.jobs.items() if self.is_running(job)}
        return frozenset(found)

    def serving(self, model: str) -> list[str]:
        """The endpoints on which a model serves; none where there is no such model."""
        found = self.google.models.get(model, {}).get("deployedModels") or ()
        return [by_number(each["endpoint"]) for each in found]

    def ended_well(self) -> frozenset[str]:
        """The jobs that ended by themselves: that they run no more is nobody's fault."""
        jobs = self.google.jobs.items()
        return frozenset(f"running {name}" for name, job in jobs if job["state"].endswith(("_SUCCEEDED", "_FAILED")))

    def audit(self, state: StackState) -> Audit:
        """What ``gcp-tuning audit --bucket shop-data`` finds."""
        google: Any = self.google
        return look(google, settings(), [state], ["shop-data"])


def _declared_id(name: str) -> str:
    """The name of a tuned model of the Gemini API, without the number of the attempt."""
    return "-".join(name.split("-")[:3])


def _declaration(job: dict[str, Any]) -> tuple[str, str]:
    labels = job.get("labels") or {}
    return str(labels.get(IDENTITY)), str(labels.get(SPEC))


class _Watched:
    """One of Google's services: what it is asked goes through the world."""

    def __init__(self, world: World, service: Any) -> None:
        self._world, self._service = world, service

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._service, name)
        if isinstance(found, _OF_WHAT):
            return _Watched(self._world, found)
        if not callable(found):
            return found
        return lambda *given, **more: self._world.ask(self._service, name, found, given, more)


class _WatchedGoogle:
    def __init__(self, world: World) -> None:
        self._world = world

    def vertex(self, location: str) -> Any:
        return _Watched(self._world, self._world.google.vertex(location))

    def vertex_of(self, name: str) -> Any:
        return _Watched(self._world, self._world.google.vertex_of(name))

    @property
    def tuned_models(self) -> Any:
        return _Watched(self._world, self._world.google.tuned_models)

    @property
    def storage(self) -> Any:
        return _Watched(self._world, self._world.google.storage)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.google, name)
