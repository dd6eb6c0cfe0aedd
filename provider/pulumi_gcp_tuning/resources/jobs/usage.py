"""Where a tuned model is shown, what its training cost, and what its answers cost: one output, written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pulumi_gcp_tuning.config import DEFAULT_UNIVERSE
from pulumi_gcp_tuning.names import ModelName
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.outputs import Outputs
from pulumi_gcp_tuning.resources.jobs.billing import cost_of_training
from pulumi_gcp_tuning.resources.jobs.estimates import Estimates
from pulumi_gcp_tuning.resources.jobs.kinds import kind_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.jobs.kind import Job

_CONSOLE: Final = "https://console.cloud.google.com/vertex-ai"
_TENSORBOARD: Final = "tensorboard.googleusercontent.com"


class ModelUsage(Outputs):
    """Links and prices of a tuned model on the day on which it was taken over."""

    model_url: Annotated[str | None, described("The model in Google's console.")] = None
    job_url: Annotated[str | None, described("The job in Google's console.")] = None
    experiment_url: Annotated[str | None, described("The curves of the training in Google's console.")] = None
    tensorboard_url: Annotated[str | None, described("The curves of a pipeline in its TensorBoard.")] = None
    estimated_usd: Annotated[
        float | None,
        described("What preview estimated for the training, if the job was declared in the same stack.", unit="USD"),
    ] = None
    training_usd: Annotated[
        float | None,
        described("What the training cost by Google's count of tokens and the price of the catalogue.", unit="USD"),
    ] = None
    input_usd_per_million_tokens: Annotated[
        float | None, described("What the tokens of questions cost.", unit="USD per 1M tokens")
    ] = None
    output_usd_per_million_tokens: Annotated[
        float | None, described("What the tokens of answers cost.", unit="USD per 1M tokens")
    ] = None
    prices_as_of: Annotated[str | None, described("The date of the prices of answers.", form="`YYYY-MM-DD`")] = None


USAGE: Final = described("Links to Google's console, what the training cost, and what answers cost.", stays=True)


def usage_of(call: Call, job: Job, model: ModelName | None) -> ModelUsage:
    """The links and prices. A link is left out where the console of Google's public cloud does not have the model.

    The job of an open model makes no ``model``.
    """
    cost = cost_of_training(job, catalogue_of(call.settings))
    serving = cost.serving if cost else None
    factor = serving.tuned_factor if serving else 1.0
    read, write = (
        (serving.usd_per_million_input_tokens, serving.usd_per_million_output_tokens) if serving else (None,) * 2
    )
    return ModelUsage(
        **links_of(call.settings.api_origin, job, model),
        estimated_usd=call.run.of(Estimates).find(str(job.get("name"))),
        training_usd=None if cost is None or cost.usd is None else round(cost.usd, 4),
        input_usd_per_million_tokens=None if read is None else round(read * factor, 6),
        output_usd_per_million_tokens=None if write is None else round(write * factor, 6),
        prices_as_of=None if serving is None or read is None else str(serving.as_of),
    )


def links_of(origin: str, job: Job, model: ModelName | None) -> dict[str, str]:
    """The addresses, by the names of the outputs; none for a sandbox or another universe. A deleted job has none."""
    if not origin.endswith(f"//{DEFAULT_UNIVERSE}"):
        return {}
    links: dict[str, str] = {}
    if model is not None:
        links["model_url"] = (
            f"{_CONSOLE}/models/locations/{model.location}/models/{model.model}/versions/"
            f"{model.version or 'default'}?project={model.project}"
        )
    if not job:
        return links
    name = str(job["name"])
    _, owner, _, place, collection, id_ = name.split("/")
    project = owner if model is None else model.project
    links["job_url"] = (
        f"{_CONSOLE}/locations/{place}/pipelines/runs/{id_}?project={project}"
        if collection == "pipelineJobs"
        else f"{_CONSOLE}/generative/language/locations/{place}/tuning/tuningJob/{id_}?project={project}"
    )
    experiment = str(job.get("experiment") or "").split("/")
    if len(experiment) == 8:
        links["experiment_url"] = (
            f"{_CONSOLE}/experiments/locations/{experiment[3]}/experiments/{experiment[7]}/runs?project={project}"
        )
    board = kind_of(name).curves_at(job) or ""
    if "/tensorboards/" in board:
        links["tensorboard_url"] = f"https://{place}.{_TENSORBOARD}/experiment/{board.replace('/', '+')}"
    return links
