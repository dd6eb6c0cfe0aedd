"""Reads the data sets of an open model's job. Pure: bytes in, examples out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from tuning_sandbox.kernel import Sandbox
from tuning_sandbox.kernel.course import Failure
from tuning_sandbox.learner.dataset import Dataset, read_dataset
from tuning_sandbox.learner.open_rows import read_open_row
from tuning_sandbox.learner.rows import Row
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.spelling import split_uri
from tuning_sandbox.vertex.files import missing_file
from tuning_sandbox.vertex.open_models import OpenModel
from tuning_sandbox.vertex.service import api
from tuning_sandbox.vertex.stats import data_stats
from tuning_sandbox.vertex.surroundings import PUBLIC_BUCKETS
from tuning_sandbox.vertex.work import Prepared, Source, read_fitting

AGENTS = ("gcp-sa-vertex-moss-ft", "gcp-sa-aiplatform")
_ROLES = ("roles/storage.objectUser", "roles/storage.objectAdmin", "roles/storage.admin")
_VALIDATION_SHARE = 0.25

api.behaviour(
    "rows of open models are prompt and completion, messages, or contents with the role assistant; one format in a data set",
    source="thread",
    ref="seed 004",
)
api.behaviour(
    "if one row of a data set has an image, the rows without images are left out; such a data set is for Llama 4 Scout",
    source="thread",
    ref="seed 004",
)
api.behaviour(
    "an open model's validation file has at most 5,000 rows and a quarter of the training file's bytes",
    source="thread",
    ref="Google's page on open model tuning",
)
api.behaviour(
    "a job fails whose images are in another bucket than its rows, unless both agents have roles/storage.objectUser on both",
    source="thread",
    ref="seed 004",
)


def prepare_open(
    training: Source,
    validation: Source | None,
    model: OpenModel,
    recipe: Recipe,
    most_rows: int = 0,
    most_bytes: int = 0,
) -> Prepared:
    """Both data sets, or their error; `most_rows` and `most_bytes` replace Google's limits if they are not 0."""
    prepared = read_fitting(
        training,
        validation,
        lambda data: read_open(data, model),
        model,
        lambda _prepared: _size_problem(training, validation),
        most_rows,
        most_bytes,
    )
    if prepared.error is None:
        prepared.stats = data_stats(prepared.training, recipe.epochs, recipe.batch)
    return prepared


def read_open(data: bytes, model: OpenModel) -> Dataset:
    """The rows of a file; those without an image are left out if any row has one."""
    rows: list[Row] = []

    def read(raw: bytes) -> Row:
        rows.append(read_open_row(raw, images=model.media))
        return rows[-1]

    found = read_dataset(data, model.most_tokens, read=read)
    if not found.has_media:
        return found
    kept = [example for example, row in zip(found.examples, rows, strict=True) if row.has_media]
    return replace(found, examples=kept)


def _size_problem(training: Source, validation: Source | None) -> str | None:
    if validation is not None and len(validation[1] or b"") > _VALIDATION_SHARE * len(training[1] or b""):
        return "the file is larger than 25 % of the training file."
    return None


def files_problem(sandbox: Sandbox, project: str, data_uri: str, files: Iterable[str]) -> Failure | None:
    """Why the job cannot read its images: one is missing, or an agent lacks its role on a bucket."""
    storage, data_bucket = sandbox.services.storage, split_uri(data_uri)[0]
    ordered = sorted(files)
    others = sorted({split_uri(uri)[0] for uri in ordered} - {data_bucket} - PUBLIC_BUCKETS)
    judged = [bucket for bucket in (data_bucket, *others) if bucket not in PUBLIC_BUCKETS] if others else []
    for bucket, agent in product(judged, AGENTS):
        email = f"service-{project}@{agent}.iam.gserviceaccount.com"
        if not any(storage.is_granted(bucket, f"serviceAccount:{email}", role) for role in _ROLES):
            return Failure(
                7, f"{email} does not have storage.objects.get access to the Google Cloud Storage bucket {bucket}."
            )
    return missing_file(sandbox, data_uri, ordered)
