"""Checks of the location of the buckets and resources that a job names."""

from __future__ import annotations

import re
from typing import Final

from pulumi_gcp_tuning.catalog import Catalogue, Product, shipped
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import EndpointName, Location, MalformedName, ModelName
from pulumi_gcp_tuning.preflight.facts import Bucket, Fact, Known, Missing
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, advise, like

PUBLIC_BUCKETS: Final = frozenset({"cloud-samples-data", "github-repo"})
"""Google's own sample data: readable from every region."""

_TENSORBOARD: Final = re.compile(r"projects/[^/]+/locations/(?P<location>[^/]+)/tensorboards/[^/]+")

BUCKET_EXISTS: Final = Rule(
    check="location",
    name="bucket exists",
    refuses="data or output in a bucket that does not exist",
    why="Google reads it when the job starts; the job is created and fails later.",
    evidence="thread",
    facts=("bucket",),
)
BUCKET_PLACE: Final = Rule(
    check="location",
    name="bucket in the job's region",
    refuses="nothing: it warns of Gemini data in a bucket that is neither in the job's region nor in a multi-region that "
    "contains it",
    why="Users report that such jobs fail, and Google's maintainers say so of Vertex AI as a whole "
    "(python-aiplatform#885, #2003). A bucket that this run makes is judged by the location that the program declares. "
    "Google's page on tuning says that the bucket's region does not matter, so it is no "
    "error. It is assumed that a multi-region containing the region is enough. Google's sample buckets are readable from "
    "everywhere. For pipeline tuning of bison models the bucket's region does not matter (seed 002); open models are "
    "not judged.",
    evidence="thread",
    severity="warn",
    facts=("bucket",),
)
BUCKET_PAYER: Final = Rule(
    check="location",
    name="bucket whose readers pay",
    refuses="nothing: it warns of data in a bucket with requester pays",
    why="Cloud Storage's page on requester pays: a request that names no project to bill is refused. No page says that a "
    "tuning job names one.",
    evidence="assumed",
    severity="warn",
    facts=("bucket",),
)
TENSORBOARD_PLACE: Final = Rule(
    check="location",
    name="TensorBoard in the pipeline's region",
    refuses="a TensorBoard instance in another region than the pipeline's",
    why="Seed 002: the instance must be in the region of the tuning pipeline.",
    evidence="seed",
)
TENSORBOARD_EXISTS: Final = Rule(
    check="location",
    name="TensorBoard exists",
    refuses="a TensorBoard instance that does not exist",
    why="The job writes to it after you have paid for the job.",
    evidence="assumed",
    severity="warn",
    facts=("TensorBoard",),
)
UPLOAD_PLACE: Final = Rule(
    check="location",
    name="pipeline and upload region",
    refuses="a pipeline or upload region that is not among those of pipeline tuning",
    why="Seed 002 lists the regions.",
    evidence="seed",
)
ENDPOINT_PLACE: Final = Rule(
    check="location",
    name="endpoint in its model's location",
    refuses="nothing: it warns of an endpoint in another location than the model deployed on it",
    why="Google's reference says that a model may be elsewhere than its endpoint; no source shows it for tuned "
    "Gemini models, whose own endpoints are in the model's location.",
    evidence="assumed",
    severity="warn",
)
ENDPOINT_PROJECT: Final = Rule(
    check="location",
    name="endpoint in its model's project",
    refuses="nothing: it warns of an endpoint in another project than the model deployed on it",
    why="No source shows that Google deploys a tuned model of another project. The id of one project is not compared with "
    "the number of another.",
    evidence="assumed",
    severity="warn",
)
ENDPOINT_COMING: Final = Rule(
    check="location",
    name="endpoint where the model will be",
    refuses="an endpoint in another location than the one where its model will appear",
    why="The training is not paid for yet. An endpoint in the model's location works; Google's documents disagree about one "
    "elsewhere, so this plugin does not try it unless the check is set to warn.",
    evidence="policy",
)
PARENT_PLACE: Final = Rule(
    check="location",
    name="parent model in the job's location",
    refuses="continuous tuning of a model in another location than the job or its results",
    why=(
        "A name contains its location, and Google looks it up there; today's Gemini models store their results "
        "in us or eu."
    ),
    evidence="assumed",
    severity="warn",
)
BUCKET_PROJECT: Final = Rule(
    check="location",
    name="bucket in the same project",
    refuses="nothing: it warns of data of a pipeline job in another project's bucket",
    why="Seed 002 recommends a bucket in the project where the model is tuned.",
    evidence="seed",
    severity="warn",
    facts=("bucket", "project"),
)
RULES: Final = (
    BUCKET_EXISTS,
    BUCKET_PLACE,
    BUCKET_PROJECT,
    BUCKET_PAYER,
    TENSORBOARD_PLACE,
    TENSORBOARD_EXISTS,
    UPLOAD_PLACE,
    ENDPOINT_PLACE,
    ENDPOINT_PROJECT,
    ENDPOINT_COMING,
    PARENT_PLACE,
)


def contains(bucket: Bucket, region: str) -> bool | None:
    """Whether the bucket is in the region or in a multi-region that contains it; None if that is not known."""
    if bucket.location == region or region in bucket.data_locations:
        return True
    if bucket.data_locations or bucket.location_type == "region":
        return False
    return Location(bucket.location).contains(region)


def check_bucket(
    bucket_name: str | None,
    bucket: Fact[Bucket | None],
    region: str | None,
    *,
    path: PropertyPath,
    product: Product = "GEMINI",
    project_number: str | None = None,
    declared_place: str | None = None,
) -> list[Finding]:
    """The bucket exists, in a location that the product can use.

    ``declared_place`` is where the program declares a bucket that this run makes; its name may not be known yet.
    """
    if bucket_name in PUBLIC_BUCKETS or (bucket_name is None and declared_place is None):
        return []
    if isinstance(bucket, Missing):
        return [BUCKET_EXISTS.not_judged(path, bucket)]
    if not isinstance(bucket, Known):
        declared = Bucket(name=bucket_name or "", location=declared_place or "", location_type="")
        return _check_place(declared, region, product, path, "To be sure, declare the bucket") if declared_place else []
    if bucket.value is None:
        way_out = "Create it first, or take its name from the Bucket resource so that Pulumi creates it."
        remedy = advise("create it first", way_out)
        return [BUCKET_EXISTS.finding(path, f"The bucket {bucket_name} does not exist.", remedy)]
    if bucket.value.requester_pays:
        problem = f"The bucket {bucket_name} has requester pays: whoever reads it has to name a project to bill."
        remedy = advise("change the data", "Switch requester pays off, or copy the data to another bucket.")
        return [BUCKET_PAYER.finding(path, problem, remedy)]
    owner = bucket.value.project_number
    if product == "PIPELINE" and owner and project_number and owner != project_number:
        problem = f"The bucket {bucket_name} belongs to project {owner}, but the job to {project_number}."
        remedy = advise("change the data", "Keep the data in a bucket of the job's own project.")
        return [BUCKET_PROJECT.finding(path, problem, remedy)]
    return _check_place(bucket.value, region, product, path, "If the job fails: copy the data to a bucket")


def _check_place(
    bucket: Bucket, region: str | None, product: Product, path: PropertyPath, way_out: str
) -> list[Finding]:
    if product != "GEMINI" or region is None or contains(bucket, region) is not False:
        return []
    name = f"The bucket {bucket.name}" if bucket.name else "The bucket of the data"
    problem = f"{name} is in {bucket.location}, but the job runs in {region}."
    remedy = advise(
        "change the data",
        "Google's page says that this does not matter, users report that it does. {way_out} in {region} or in a "
        "multi-region that contains it, or tune in the bucket's region.",
        way_out=way_out,
        region=region,
    )
    return [BUCKET_PLACE.finding(path, problem, remedy)]


def check_tensorboard(
    name: str | None,
    pipeline_region: str | None,
    exists: Fact[bool],
    *,
    path: PropertyPath = ("tensorboard_resource_id",),
) -> list[Finding]:
    """The TensorBoard instance exists and is in the pipeline's region. An id alone names no region."""
    if name is None:
        return []
    read = _TENSORBOARD.fullmatch(name)
    example = f"projects/my-project/locations/{pipeline_region or 'us-central1'}/tensorboards/123"
    if read is None:
        if "/" not in name:
            return []
        problem = f"{name!r} is not the name of a TensorBoard instance."
        return [TENSORBOARD_PLACE.finding(path, problem, like(example))]
    if pipeline_region is not None and read["location"] != pipeline_region:
        problem = f"The TensorBoard instance is in {read['location']}, but the pipeline runs in {pipeline_region}."
        way_out = "Use an instance in {region} ({example}), or leave it out."
        remedy = advise("set a property", way_out, region=pipeline_region, example=example)
        return [TENSORBOARD_PLACE.finding(path, problem, remedy)]
    if isinstance(exists, Missing):
        return [TENSORBOARD_EXISTS.not_judged(path, exists)]
    if isinstance(exists, Known) and not exists.value:
        remedy = advise("create it first", "Create it, or leave it out: metrics are then not kept.")
        return [TENSORBOARD_EXISTS.finding(path, f"The TensorBoard instance {name} does not exist.", remedy)]
    return []


def check_pipeline_places(
    pipeline_region: str | None, upload_region: str | None, *, catalogue: Catalogue | None = None
) -> list[Finding]:
    """Both regions of a pipeline job are among those that the catalogue lists for pipeline tuning."""
    known = catalogue or shipped()
    product = known.products.get("PIPELINE")
    findings: list[Finding] = []
    if product is None:
        return findings
    for name, region, offered, does in (
        ("location", pipeline_region, product.regions, "run"),
        ("tuned_model_location", upload_region, product.upload_regions or product.regions, "upload models"),
    ):
        if region is not None and region not in offered:
            problem = f"Pipeline tuning does not {does} in {region}."
            near = None if region in known.regions else known.nearest_region(region)
            hint = f"Did you mean {near}? " if near else ""
            remedy = advise("set a property", "{hint}Use one of {regions}.", hint=hint, regions=", ".join(offered))
            findings.append(UPLOAD_PLACE.finding((name,), problem, remedy))
    return findings


def check_endpoint_place(
    endpoint: str | None, model: str | None, *, path: PropertyPath = ("endpoint",)
) -> list[Finding]:
    """The endpoint is in the model's location and project. The spelling check reports names that cannot be read."""
    if endpoint is None or model is None:
        return []
    try:
        at, of = EndpointName.parse(endpoint), ModelName.parse(model)
    except MalformedName:
        return []
    findings: list[Finding] = []
    if at.location != of.location:
        problem = f"The endpoint is in {at.location}, but the model is in {of.location}."
        remedy = advise("set a property", "Use an endpoint in {place}.", place=of.location)
        findings.append(ENDPOINT_PLACE.finding(path, problem, remedy))
    if at.project != of.project and at.project.isdigit() == of.project.isdigit():
        problem = f"The endpoint is in project {at.project}, but the model is in {of.project}; whether Google deploys it is not known."
        remedy = advise("set a property", "Use an endpoint in project {project}.", project=of.project)
        findings.append(ENDPOINT_PROJECT.finding(path, problem, remedy))
    return findings


def check_coming_places(
    endpoint_place: str | None, model_place: str | None, *, path: PropertyPath = ("endpoint",)
) -> list[Finding]:
    """The endpoint is in the future location of the model that is still to be trained and paid for."""
    if None in (endpoint_place, model_place) or endpoint_place == model_place:
        return []
    problem = f"The endpoint is in {endpoint_place}, the model will be in {model_place}."
    way_out = "Set {location} of the Endpoint to {place}. {checks.location=warn} lets it pass."
    remedy = advise("set a property", way_out, place=model_place)
    return [ENDPOINT_COMING.finding(path, problem, remedy)]


def check_parent_place(
    parent_model: str | None,
    region: str | None,
    result_location: str | None,
    *,
    path: PropertyPath = ("pre_tuned_model", "tuned_model_name"),
) -> list[Finding]:
    """The model that continuous tuning starts from is in the location of the job or of its results."""
    if parent_model is None or region is None:
        return []
    try:
        place = ModelName.parse(parent_model).location
    except MalformedName:
        return []
    if place in (region, result_location):
        return []
    where = region if result_location in (None, region) else f"{region} and stores its results in {result_location}"
    problem = f"The parent model is in {place}, but the job runs in {where}."
    way_out = "Tune in the region that made the model, or copy it to {region} first."
    return [PARENT_PLACE.finding(path, problem, advise("set a property", way_out, region=region))]
