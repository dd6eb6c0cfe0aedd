"""Jobs of Vertex AI: tuning jobs and tuning pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.audit.costs import age_of
from pulumi_gcp_tuning.commands.found_jobs import Counts, FoundJob, JobReport, owner_of
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.labels import effective_labels
from pulumi_gcp_tuning.resources.facts.checkpoints import checkpoint_folder
from pulumi_gcp_tuning.resources.jobs.billing import base_model_of, cost_of_training, epochs_of, steps_of, whole
from pulumi_gcp_tuning.resources.jobs.kinds import kind_of
from pulumi_gcp_tuning.resources.jobs.metrics import read_metrics
from pulumi_gcp_tuning.resources.jobs.pipeline_jobs import task_counts, template_parameters_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.commands.connection import Connection
    from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind


@dataclass(frozen=True)
class VertexJob:
    """A tuning job or a tuning pipeline, as Google answered it."""

    connection: Connection
    kind: JobKind
    job: Job
    ending = "Cancel the"

    @property
    def name(self) -> str:
        """Its full name."""
        return str(self.job["name"])

    @property
    def has_metrics(self) -> bool:
        """Whether it names its metrics already."""
        return bool(self.kind.curves_at(self.job))

    def found(self, states: Sequence[StackState] = ()) -> FoundJob:
        """What Google says of it."""
        kind, job = self.kind, self.job
        state, labels, template = kind.state_of(job), effective_labels(job), template_parameters_of(job)
        shown = job.get("tunedModelDisplayName") or template.get("model_display_name") or job.get("displayName")
        return FoundJob(
            name=self.name,
            noun=kind.noun,
            state=kind.word_of(job),
            is_active=state.is_active,
            has_succeeded=state.has_succeeded,
            base_model=base_model_of(job),
            display_name=str(shown) if shown else None,
            created=job.get("createTime"),
            age_seconds=age_of(job.get("createTime"), self.connection.now()),
            progress=tuple(kind.progress(job)),
            owner=owner_of(labels, states),
            labels=labels,
        )

    def report(self, states: Sequence[StackState] = ()) -> JobReport:
        """That, with what it made and why it failed."""
        kind, job = self.kind, self.job
        made, folder = kind.made(job), job.get("outputUri")
        said = " ".join(str(kind.error_of(job).get("message") or "").split())
        return JobReport(
            job=self.found(states),
            error=said or None,
            model=made.get("model"),
            endpoint=made.get("endpoint"),
            weights=checkpoint_folder(str(folder)) if folder and kind.state_of(job).has_succeeded else None,
            checkpoints=tuple(made.get("checkpoints") or ()),
            epochs=epochs_of(job),
            steps=steps_of(job),
            started=job.get("startTime"),
            ended=job.get("endTime"),
            experiment=job.get("experiment"),
            cost=cost_of_training(job, catalogue_of(self.connection.settings)),
        )

    def counts(self) -> Counts:
        """How far it is: of a pipeline, which names no steps, the tasks that it has done."""
        done: Mapping[str, Any] = self.job.get("tuningJobMetadata") or {}
        tasks_done, tasks = task_counts(self.job) or (None, None)
        return Counts(
            epoch=whole(done.get("completedEpochCount")),
            epochs=epochs_of(self.job),
            step=whole(done.get("completedStepCount")),
            steps=steps_of(self.job),
            tasks_done=tasks_done,
            tasks=tasks,
        )

    def read_steps(self) -> list[dict[str, Any]]:
        """Each training step. Raises Refused if there are none, or not yet."""
        return read_metrics(self.connection.google, self.job)

    def check_cancellable(self) -> None:
        """Raises Refused, with its state, if it has ended."""
        if self.kind.state_of(self.job).is_over:
            raise Refused(
                f"The {self.kind.noun} has ended ({self.kind.word_of(self.job)}), so it cannot be cancelled.\n  {self.name}"
            )

    def cancel(self) -> FoundJob:
        """Asks Google to cancel it. Raises Refused, with its state, if it has ended."""
        self.check_cancellable()
        self.kind.calls(self.connection.google.vertex_of(self.name)).cancel(self.name)
        return read_vertex_job(self.connection, self.name).found()


def read_vertex_job(connection: Connection, name: str) -> VertexJob:
    """The job as Google has it. Raises NotFound."""
    kind = kind_of(name)
    return VertexJob(connection, kind, kind.calls(connection.google.vertex_of(name)).get(name))
