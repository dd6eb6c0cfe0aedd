"""TuningDataset: a local JSONL file as an object named by the hash of its content. It is never overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import ConfigDict, Field

from pulumi_gcp_tuning.errors import Finding, Refused
from pulumi_gcp_tuning.names import GcsUri
from pulumi_gcp_tuning.preflight import cmek
from pulumi_gcp_tuning.preflight.change import UNCHANGED
from pulumi_gcp_tuning.preflight.cmek import check_key_place
from pulumi_gcp_tuning.preflight.datasets import findings_of, kinds_of_a_dataset
from pulumi_gcp_tuning.preflight.identity import PERMISSION
from pulumi_gcp_tuning.preflight.location import BUCKET_EXISTS
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.preflight.spelling import DECLARED, NAME, SOURCE, check_bucket_name, check_prefix
from pulumi_gcp_tuning.resources.core import claims, costs, sharing
from pulumi_gcp_tuning.resources.core.declared import doing, find_difference, inputs_among, level_of, urn_of
from pulumi_gcp_tuning.resources.core.description import about, described, keys_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, known
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call, Current, Difference, Judged, Properties
from pulumi_gcp_tuning.resources.core.outputs import API_ORIGIN, CLAIM, Count, Ident, Outputs
from pulumi_gcp_tuning.resources.core.secrets import id_without_secret
from pulumi_gcp_tuning.resources.core.seen import find_change
from pulumi_gcp_tuning.resources.core.sharing import is_owner, join, leave, marks_for, owner_of, upload
from pulumi_gcp_tuning.resources.core.told import NOTHING_MADE, BucketsTold, Made
from pulumi_gcp_tuning.resources.core.traits import Traits
from pulumi_gcp_tuning.resources.facts.buckets import check_bucket_access
from pulumi_gcp_tuning.resources.facts.dataset_reports import fetch_local_report, remember_local_file
from pulumi_gcp_tuning.resources.facts.grants import check_dataset_key
from pulumi_gcp_tuning.resources.facts.local_source import find_source, unreadable
from pulumi_gcp_tuning.resources.facts.row_changes import compare_rows
from pulumi_gcp_tuning.resources.jobs.others import tell_of_left_readers
from pulumi_gcp_tuning.wording import advise

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_gcp_tuning.datasets import Report

PREFIX: Final = "tuning-datasets"
EXAMPLES: Final = "gcp-tuning-examples"
"""The metadata key with the object's number of examples, for readers that do not have the file."""
NEEDED: Final = ("storage.objects.create", "storage.objects.get")
"""The permissions on the bucket that a dataset needs."""


RULES: Final[Rules] = (
    NAME,
    SOURCE,
    UNCHANGED,
    BUCKET_EXISTS,
    PERMISSION,
    cmek.NAME,
    cmek.EXISTS,
    cmek.USABLE,
    cmek.BUCKET_KEY,
    cmek.STORAGE_GRANT,
    kinds_of_a_dataset,
)


# Arguments and outputs


class Args(CommonArgs):
    """The file and the bucket."""

    model_config = ConfigDict(json_schema_extra=about(google="Object", base="local_file.LocalFile"))

    bucket: Annotated[
        str,
        described(
            "The bucket that holds the file.",
            role="place",
            form="its name, without `gs://`",
            at_google="the bucket in the URL",
            source="Cloud Storage",
            names="bucket",
        ),
    ]
    source: Annotated[
        str,
        described(
            "A JSONL file, relative to the program's working directory or absolute.",
            role="ours",
            form="a path or a `pulumi.FileAsset`",
            at_google="the content of the object",
            when="replaces if the content differs, otherwise updates state only",
            accepts="local_file.Source",
        ),
    ]
    prefix: Annotated[
        str | None,
        described(
            "The folder in the bucket.",
            role="place",
            default="`tuning-datasets`",
            at_google="the beginning of the object's name",
            source="Cloud Storage",
            always=True,
        ),
    ] = None
    kms_key_name: Annotated[
        str | None,
        described(
            "The key that encrypts the object.",
            role="submitted once",
            form="`projects/P/locations/L/keyRings/R/cryptoKeys/K`",
            default="the bucket's default key",
            at_google="`kmsKeyName` of the upload",
            when="refused: an object is never overwritten; change `prefix` too",
            names="key",
        ),
    ] = None
    project: Annotated[
        str | None,
        described(
            "The project that pays for the requests, if the bucket has requester pays.",
            role="ours",
            form="an id or a number",
            at_google="`userProject`",
            names="project",
        ),
    ] = None
    uri: Annotated[
        str | None,
        described(
            "The `gs://` URI, also the resource's id unless `bucket` or `prefix` is a secret; known at preview.",
            role="ours",
            filled=True,
            always=True,
        ),
    ] = None


class Told(BucketsTold):
    """Facts that only the program knows."""

    content_sha256: Annotated[
        str | None,
        described("The hash of the file, in hex.", role="spec", shown=True, always=True),
    ] = Field(default=None, pattern="^[0-9a-f]{64}$")


class State(Outputs):
    """An object `gs://BUCKET/PREFIX/SHA256.jsonl`.

    Its name is known at preview, and it is never overwritten: other content makes a new object, a new
    file name with the same content changes nothing.
    """

    model_config = ConfigDict(
        json_schema_extra=about(
            summary="A training or validation file, uploaded under the name of its content.",
            get="The dataset with this `gs://` URI",
            goes_first="yes",
        )
    )

    object_name: Annotated[str, described("The object's name in the bucket.", stays=True)]
    generation: Annotated[Ident, described("The object's generation, an int64 as text.", always=True)] = None
    crc32c: Annotated[str | None, described("Cloud Storage's checksum.", always=True, stays=True)] = None
    size_bytes: Annotated[Count, described("The object's size.", unit="bytes", always=True, stays=True)] = None
    example_count: Annotated[
        Count,
        described(
            "How many lines of the file hold an example; after `get` only where this package uploaded it.",
            always=True,
            stays=True,
        ),
    ] = None
    api_origin: Annotated[str | None, API_ORIGIN] = None
    claim: Annotated[str | None, CLAIM] = None


# The functions that the frame calls


def fill_in(inputs: Properties) -> Properties:
    """The inputs with folder and URI; the URI is UNKNOWN if a part of it is."""
    filled = {"prefix": PREFIX, **inputs}
    return {**filled, "uri": uri_of(filled)}


def submits(olds: Properties, inputs: Properties) -> bool:
    """Whether this run would upload."""
    return not olds or olds.get("uri", uri_of(olds)) != inputs["uri"]


def judge(
    call: Call, args: Args, told: Told, olds: Properties, inputs: Properties, *, ask: bool, creating: bool
) -> Judged:
    """Runs every check of a dataset; reads the file only if its content is new."""
    place = None if creating else told.declared_places.get(("bucket",))
    findings = _preflight(call, args, NOTHING_MADE if creating else told.made, place, ask=ask)
    findings += _check_file(call, args, told, inputs.get("uri"), read=ask)
    if olds.get("uri") == inputs.get("uri") and olds.get("kmsKeyName") != inputs.get("kmsKeyName"):
        problem = "An object is never overwritten, so the key of an existing object cannot change."
        way_out = "Undo the change, or change {prefix} so that the file is uploaded again under the new key."
        if inputs.get("kmsKeyName") is not UNKNOWN:
            findings.append(DECLARED.finding(("kms_key_name",), problem, advise("undo the change", way_out)))
    return Judged(findings=findings)


def changes(call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
    """New content or another place replaces the object; a new file name with the same content does not."""
    replaces: list[str] = []
    if news.get("uri") is not UNKNOWN and olds.get("uri", uri_of(olds)) != news.get("uri"):
        keys = (*keys_of(Args, "place", "spec"), *keys_of(Told, "spec"))
        replaces = [key for key in keys if olds.get(key) != news.get(key)] or ["uri"]
        if call.note is not None and olds.get("contentSha256") != news.get("contentSha256"):
            path = find_source(call, str(news.get("source")))
            payer = olds.get("project")
            call.note("rows", compare_rows(call, _uri_in(id, olds), path, user_project=payer) if path else {})
    return find_difference(olds, news, replaces, Args, Told)


def make(call: Call, args: Args, told: Told, inputs: Properties) -> Current:
    """Uploads the file, or finds an existing object with the same content."""
    path = find_source(call, args.source)
    if path is None:
        raise Refused(
            f"{args.source} is a relative path, and its folder is not known.\nSet source to an absolute path."
        )
    report = fetch_local_report(call, path, args.source)
    if "unreadable" in report.counts:
        raise Refused(str(_unreadable(report)))
    inputs = {**inputs, "contentSha256": told.content_sha256 or report.training.sha256}
    uri = GcsUri.parse(str(uri_of(inputs)))
    urn, token = urn_of(call, inputs), call.new_token()
    with doing(f"uploading {args.source} to {uri}"):
        live = upload(
            call,
            uri,
            path,
            args.source,
            owner_of(urn, token),
            sha256=inputs["contentSha256"],
            kms_key_name=args.kms_key_name,
            more={EXAMPLES: str(report.training.examples)},
            stack=urn,
            user_project=args.project,
        )
    id_ = id_without_secret(str(uri), inputs, ("bucket", "prefix"), urn)
    return _current(call, id_, inputs, live, report.training.examples, token)


def look(call: Call, id: str, outputs: Properties) -> Current:  # noqa: A002
    """The object as Google has it."""
    uri = _uri_in(id, outputs)
    with doing(f"reading {id}"):
        live = call.google.storage.get_object(uri.bucket, uri.object, user_project=outputs.get("project"))
    if outputs.get("bucket"):
        return _current(call, id, inputs_among(outputs, Args, Told), live, outputs.get("exampleCount"))
    prefix, _, last = uri.object.rpartition("/")
    inputs: Properties = {"bucket": uri.bucket, "prefix": prefix, "source": last, "uri": id, "deletionPolicy": "DELETE"}
    return _current(call, id, inputs, live, (live.get("metadata") or {}).get(EXAMPLES))


def patch(call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
    """Updates the path of a renamed file and the policies; the object's content does not change."""
    uri, payer = _uri_in(id, olds), news.get("project")
    with doing(f"reading {id}"):
        live: Mapping[str, Any] = call.google.storage.get_object(uri.bucket, uri.object, user_project=payer)
        token = claims.claim_of(olds) or call.new_token()
        before, owner = owner_of(urn_of(call, olds), token), owner_of(urn_of(call, news), token)
        if is_owner(live, before):  # the object may have no claim yet, or the claim of an earlier resource name
            live = join(call, uri, live, owner, instead_of=before, olds=olds, user_project=payer)
    claimed = owner.items() <= (live.get("metadata") or {}).items()
    return _current(call, id, news, live, olds.get("exampleCount"), token if claimed else claims.claim_of(olds))


def remove(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Deletes the generation in state, unless another dataset needs the object or it existed before."""
    uri, owner = _uri_in(id, outputs), owner_of(urn_of(call, outputs), claims.claim_of(outputs))
    keep, payer = call.run.of(Holdings).names(id), outputs.get("project")
    if not call.run.of(Holdings).is_declared("tuning_dataset", call.urn):
        tell_of_left_readers(call, str(uri))
    with doing(f"deleting {id}"):
        leave(call, uri, owner, outputs.get("generation"), keep=keep, user_project=payer)


def marks(call: Call, id: str, outputs: Properties) -> claims.Marks:  # noqa: A002
    """Whether this entry owns the object; it may have other owners too."""
    uri = _uri_in(id, outputs)
    with doing(f"reading {id}"):
        live = call.google.storage.get_object(uri.bucket, uri.object, user_project=outputs.get("project"))
    return marks_for(live, urn_of(call, outputs))


def reclaim(call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
    """Claims the object for this entry."""
    urn, token = urn_of(call, outputs), claims.claim_of(outputs)
    sharing.reclaim(call, _uri_in(id, outputs), urn, token, user_project=outputs.get("project"))


def _uri_in(id: str, outputs: Mapping[str, Any]) -> GcsUri:  # noqa: A002
    return GcsUri.parse_object(str(outputs.get("uri") or id))


def _current(
    call: Call, id_: str, inputs: Properties, live: Mapping[str, Any], examples: Any, token: str | None = None
) -> Current:
    state = State(
        object_name=str(live["name"]),
        generation=live.get("generation"),
        crc32c=live.get("crc32c"),
        size_bytes=live.get("size"),
        example_count=examples,
        api_origin=call.settings.api_origin,
        claim=token,
    )
    uri = f"gs://{live['bucket']}/{live['name']}"
    return Current(id=id_, outputs={**inputs, "uri": uri, **state.properties()}, inputs=inputs)


def uri_of(inputs: Mapping[str, Any]) -> Any:
    """``gs://BUCKET/PREFIX/SHA256.jsonl``; UNKNOWN if a part of it is."""
    parts = [inputs.get("bucket"), inputs.get("prefix"), inputs.get("contentSha256")]
    if any(not isinstance(part, str) for part in parts):
        return UNKNOWN
    bucket, prefix, content = (str(part) for part in parts)
    return f"gs://{bucket}/{prefix.strip('/')}/{content}.jsonl".replace("//" + content, "/" + content)


# Checks before anything is paid for


def _preflight(call: Call, args: Args, made: Made, declared_place: str | None, *, ask: bool) -> list[Finding]:
    findings: list[Finding] = []
    bucket, key_name = known(args.bucket), known(args.kms_key_name)
    findings += check_bucket_name(bucket)
    if bucket is not None and ask and not findings:
        findings += check_bucket_access(call, bucket, NEEDED, being_made=made.maybe("bucket"))
    findings += check_prefix(known(args.prefix), PREFIX)
    of_key = check_key_place(key_name, None, path=("kms_key_name",))
    if ask and key_name and not of_key:
        at = None if findings else bucket
        of_key = check_dataset_key(call, key_name, at, made, declared_place, path=("kms_key_name",))
    return findings + of_key


def _check_file(call: Call, args: Args, told: Told, uri: Any, *, read: bool) -> list[Finding]:
    """The findings of the file. ``read`` is false if the object already exists: then only the jobs' checks read it."""
    source = known(args.source)
    path = None if source is None else find_source(call, source)
    if source is None or path is None:
        return []
    is_named = told.content_sha256 is not None  # the program knows the file by its content
    if is_named and (not read or level_of(call.settings, known(args.checks), "dataset") == "off"):
        _remember(call, uri, path, None)
        return []
    report = fetch_local_report(call, path, source)
    if "unreadable" in report.counts:
        return [_unreadable(report)]
    if not is_named and told.is_told:
        remedy = advise("change the data", "Check that the program may read it, and run again.")
        return [SOURCE.finding(("source",), f"The program could not read {source}.", remedy)]
    declared, found = known(told.content_sha256), report.training.sha256
    if declared is not None and declared != found:
        problem = f"{source} changed after the program read it."
        remedy = advise("run it again", "Nothing was uploaded. Run the command again.")
        return [UNCHANGED.finding(("source",), problem, remedy)]
    change = find_change(call, ("source",), source, f"sha256 {found[:16]}")
    _remember(call, uri, path, report)
    return [*([change] if change else []), *findings_of(report, property_path=("source",), for_any_use=True)]


def _remember(call: Call, uri: Any, path: Path, told: Report | None) -> None:
    if isinstance(uri, str):
        remember_local_file(call, uri, path, told)


def _unreadable(report: Report) -> Finding:
    found = next(each for each in report.findings if each.kind == "unreadable")
    return unreadable(f"{found.file} {found.problem.removeprefix('the file ')}.")


TRAITS: Final = Traits(noun="dataset", costs=costs.OBJECT, shared=True, fill_in=fill_in, marks=marks, reclaim=reclaim)
