"""Tuned models of the Gemini API as jobs: the API has no others, and the model itself says how its tuning goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.audit.costs import age_of
from pulumi_gcp_tuning.commands.found_jobs import Counts, FoundJob, JobReport, holder_of
from pulumi_gcp_tuning.errors import NotFound, Refused
from pulumi_gcp_tuning.gemini_names import split_operation
from pulumi_gcp_tuning.resources.jobs.billing import whole
from pulumi_gcp_tuning.resources.models.gemini_tuning import CREATING

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.commands.connection import Connection

NOUN: Final = "tuned model of the Gemini API"
NEEDS: Final = "an API key or a role on the project"


@dataclass(frozen=True)
class GeminiJob:
    """A tuned model of the Gemini API; ``operation`` is the one that tunes it, ``{}`` if its name is not known."""

    connection: Connection
    model: Mapping[str, Any]
    operation: Mapping[str, Any] = field(default_factory=dict)
    ending = "The Gemini API has no cancel. Delete the"

    @property
    def name(self) -> str:
        """Its full name."""
        return str(self.model["name"])

    @property
    def has_metrics(self) -> bool:
        """Whether it has snapshots already."""
        return bool(self._snapshots)

    @property
    def is_active(self) -> bool:
        """Whether Google still tunes it."""
        return self.model.get("state") in CREATING

    def found(self, states: Sequence[StackState] = ()) -> FoundJob:
        """What Google says of it."""
        state, created = self.model.get("state"), self.model.get("createTime")
        share = self._share
        return FoundJob(
            name=self.name,
            noun=NOUN,
            state=str(state) if state in ("ACTIVE", "FAILED") else "CREATING",
            is_active=self.is_active,
            has_succeeded=state == "ACTIVE",
            base_model=self.model.get("baseModel"),
            display_name=self.model.get("displayName"),
            created=created,
            age_seconds=age_of(created, self.connection.now()),
            progress=() if share is None else (f"{100 * share:.0f} %",),
            owner=holder_of(self.name, states),
            labels={},
        )

    def report(self, states: Sequence[StackState] = ()) -> JobReport:
        """That, with why it failed, if the name of its operation is known."""
        counts, task = self.counts(), self._task
        said = " ".join(str((self.operation.get("error") or {}).get("message") or "").split())
        return JobReport(
            job=self.found(states),
            error=said or None,
            model=self.name if self.model.get("state") == "ACTIVE" else None,
            endpoint=None,
            weights=None,
            checkpoints=(),
            epochs=counts.epochs,
            steps=counts.steps,
            started=task.get("startTime"),
            ended=task.get("completeTime"),
            experiment=None,
            cost=None,
        )

    def counts(self) -> Counts:
        """How far it is, by its last snapshot and its operation."""
        last: Mapping[str, Any] = next(reversed(self._snapshots), {})
        epoch = whole(last.get("epoch"))
        return Counts(
            # the epoch of a snapshot still goes on
            epoch=epoch if epoch is None or not self.is_active else max(0, epoch - 1),
            epochs=whole((self._task.get("hyperparameters") or {}).get("epochCount")),
            step=whole(last.get("step")),
            steps=whole(self._progress.get("totalSteps")),
            told=self._share,
            loss=last.get("meanLoss"),
        )

    def read_steps(self) -> list[dict[str, Any]]:
        """Its snapshots; their mean loss has the name of Vertex AI's training loss. Raises Refused if there is none yet."""
        found = [{**each, "/train_total_loss": each["meanLoss"]} for each in self._snapshots if "meanLoss" in each]
        if not found:
            raise Refused(
                f"The {NOUN} has no snapshot ({self.found().state}); one comes with each step of its tuning.\n  {self.name}"
            )
        return found

    def check_cancellable(self) -> None:
        """Raises Refused, with its state, if its tuning has ended."""
        if not self.is_active:
            raise Refused(f"The {NOUN} has ended ({self.found().state}), so it cannot be cancelled.\n  {self.name}")

    def cancel(self) -> FoundJob:
        """Deletes it, which ends its tuning: this API has no cancel. Raises Refused, with its state, if that has ended."""
        self.check_cancellable()
        self.connection.google.tuned_models.delete(self.name)
        return replace(self.found(), state="DELETED", is_active=False, progress=())

    @property
    def _task(self) -> Mapping[str, Any]:
        return self.model.get("tuningTask") or {}

    @property
    def _snapshots(self) -> Sequence[Mapping[str, Any]]:
        return self._task.get("snapshots") or ()

    @property
    def _progress(self) -> Mapping[str, Any]:
        return self.operation.get("metadata") or {}

    @property
    def _share(self) -> float | None:
        """What the operation says of a model that is tuned; it leaves out 0 percent."""
        if not self.is_active or not self.operation:
            return None
        return min(1.0, float(self._progress.get("completedPercent") or 0) / 100)


def read_gemini_job(connection: Connection, name: str) -> GeminiJob:
    """The model of this name, or of the operation of this name. Raises NotFound or MalformedName."""
    model, operation = split_operation(name)
    live = connection.google.tuned_models.get(model)
    try:
        found = {} if operation is None else connection.google.tuned_models.get_operation(operation)
    except NotFound:  # Google forgets it some time after it has ended
        found = {}
    return GeminiJob(connection, live, found)


def list_gemini_models(connection: Connection) -> list[Mapping[str, Any]]:
    """The caller's tuned models; none where Google has withdrawn them."""
    try:
        return list(connection.google.tuned_models.list())
    except NotFound:
        return []
