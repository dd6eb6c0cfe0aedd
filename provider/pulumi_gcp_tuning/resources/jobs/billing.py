"""What the training of a job cost, by Google's count of its tokens, and what serving its model costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.preflight.cost import Epochs, billed_tokens_of, estimate_cost
from pulumi_gcp_tuning.preflight.facts import Known
from pulumi_gcp_tuning.resources.jobs import tuning_jobs
from pulumi_gcp_tuning.resources.jobs.pipeline_jobs import template_parameters_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.catalog.rows import Serving
    from pulumi_gcp_tuning.resources.jobs.kind import Job


@dataclass(frozen=True, kw_only=True)
class TrainingCost:
    """What a training cost, in words and in US dollars, and the price of serving; ``usd`` is None if it is not known."""

    text: str
    usd: float | None = None
    billable_tokens: int | None = None
    serving: Serving | None = None


def cost_of_training(job: Job, catalogue: Catalogue) -> TrainingCost | None:
    """The cost by the tokens that Google counted and the prices of the catalogue; None before Google has counted.

    Google's count is of one epoch, see ``billed_tokens_of``.
    """
    tokens, base = whole(data_stats_of(job).get("totalBillableTokenCount")), base_model_of(job)
    if tokens is None or base is None:
        return None
    row, epochs = catalogue.find_model(base), epochs_of(job)
    estimate = estimate_cost(
        base,
        Known(billed_tokens_of(tokens)),
        Epochs(count=epochs) if epochs else None,
        row.price if row else None,
        row.serving if row else None,
    )
    parts = [f"{tokens:,} billable tokens", *([str(estimate.epochs)] if estimate.epochs else [])]
    if row and row.price:
        parts.append(f"${row.price.usd_per_million_training_tokens:g} per 1M training tokens as of {row.price.as_of}")
    usd = None if estimate.per_epoch else estimate.usd
    about = "not known" if usd is None else f"about ${usd:,.2f}"
    text = f"{about} ({' x '.join(parts)}){estimate.served}"
    return TrainingCost(text=text, usd=usd, billable_tokens=tokens, serving=row.serving if row else None)


def base_model_of(job: Job) -> str | None:
    """The base model, also that of the tuned model that the job trains on from, or that model; None if the job names none."""
    found = tuning_jobs.base_model_of(job) or template_parameters_of(job).get("large_model_reference")
    found = found or (job.get("preTunedModel") or {}).get("tunedModelName")
    return str(found) if found else None


def epochs_of(job: Job) -> int | None:
    """The number of epochs that the job was given; None if Google chooses or the job counts steps."""
    parameters = (job.get("supervisedTuningSpec") or {}).get("hyperParameters") or {}
    return whole(parameters.get("epochCount"))


def steps_of(job: Job) -> int | None:
    """The number of steps of the whole training; None if Google does not say it yet."""
    return whole(data_stats_of(job).get("tuningStepCount")) or whole(template_parameters_of(job).get("train_steps"))


def data_stats_of(job: Job) -> Mapping[str, Any]:
    """Google's counts of the training data; empty before it has counted."""
    return (job.get("tuningDataStats") or {}).get("supervisedTuningDataStats") or {}


def whole(value: object) -> int | None:
    """A count, which Google writes as text; None if it is missing or something else."""
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return None
