"""A training or validation file, uploaded under the name of its content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict, overload

import pulumi
from pulumi import Input, Output

from pulumi_gcp_tuning.declare.arguments import Labels, WrongArgumentError, arguments
from pulumi_gcp_tuning.declare.resource import TuningResource

Source = str | os.PathLike[str] | pulumi.FileAsset


@arguments
class TuningDatasetArgs:
    """``bucket`` is its name; ``source`` a JSONL file, relative to the program's working directory or absolute.

    ``project`` pays for the requests where the bucket's own does not (requester pays).
    """

    bucket: Input[str]
    source: Input[Source]
    checks: Labels | None = None
    deletion_policy: Input[str] | None = None
    kms_key_name: Input[str] | None = None
    labels: Labels | None = None
    prefix: Input[str] | None = None
    project: Input[str] | None = None


class TuningDatasetArgsDict(TypedDict, total=False):
    """:class:`TuningDatasetArgs` as a dict."""

    bucket: Input[str]
    source: Input[Source]
    checks: Labels
    deletion_policy: Input[str]
    kms_key_name: Input[str]
    labels: Labels
    prefix: Input[str]
    project: Input[str]


class TuningDataset(TuningResource, module="gcptuning", name="TuningDataset"):
    """An object ``gs://BUCKET/PREFIX/SHA256.jsonl``.

    Its name is known at preview, and it is never overwritten: another content is another object, another file name
    with the same content changes nothing.
    """

    KIND = "tuning_dataset"
    SHAPE = TuningDatasetArgs

    api_origin: Output[str] = pulumi.property("apiOrigin")
    bucket: Output[str] = pulumi.property("bucket")
    checks: Output[Mapping[str, str] | None] = pulumi.property("checks")
    content_sha256: Output[str] = pulumi.property("contentSha256")
    crc32c: Output[str] = pulumi.property("crc32c")
    deletion_policy: Output[str] = pulumi.property("deletionPolicy")
    example_count: Output[int] = pulumi.property("exampleCount")
    generation: Output[str] = pulumi.property("generation")
    kms_key_name: Output[str | None] = pulumi.property("kmsKeyName")
    labels: Output[Mapping[str, str] | None] = pulumi.property("labels")
    object_name: Output[str] = pulumi.property("objectName")
    prefix: Output[str] = pulumi.property("prefix")
    project: Output[str | None] = pulumi.property("project")
    size_bytes: Output[int] = pulumi.property("sizeBytes")
    source: Output[str] = pulumi.property("source")
    uri: Output[str] = pulumi.property("uri")

    @overload
    def __init__(
        self,
        resource_name: str,
        args: TuningDatasetArgs | TuningDatasetArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        bucket: Input[str] | None = None,
        checks: Labels | None = None,
        deletion_policy: Input[str] | None = None,
        kms_key_name: Input[str] | None = None,
        labels: Labels | None = None,
        prefix: Input[str] | None = None,
        project: Input[str] | None = None,
        source: Input[Source] | None = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(resource_name, *args, **kwargs)

    def declared(self, wired: dict[str, Any]) -> dict[str, Any]:
        """Adds what the provider cannot see: where the file is and what is in it."""
        source = wired.pop("source", None)
        if isinstance(source, Output):
            described = source.apply(describe_source)
            return wired | {
                "source": described.apply(lambda found: found["source"]),
                "contentSha256": described.apply(lambda found: found.get("contentSha256")),
            }
        return wired | (describe_source(source) if source is not None else {})

    @staticmethod
    def get(resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None) -> TuningDataset:  # noqa: A002
        """The dataset with this ``gs://`` URI, read and not managed."""
        return TuningDataset.existing(resource_name, id, opts)


def describe_source(source: Source) -> dict[str, str]:
    """Where the file is, seen from the project's root, and what is in it; the latter only where it can be read."""
    given = source.path if isinstance(source, pulumi.FileAsset) else source
    if not isinstance(given, str | os.PathLike):
        raise WrongArgumentError(f"source: expected a path or a pulumi.FileAsset, got a {type(given).__name__}.")
    file = Path.cwd() / os.fspath(given)
    root = _project_root()
    described = {"source": Path(os.path.relpath(file, root)).as_posix()}
    try:
        with file.open("rb") as stream:
            described["contentSha256"] = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        pass  # the check of the resource says so, together with its other findings
    return described


def _project_root() -> Path:
    try:
        root = pulumi.runtime.get_root_directory()
    except Exception:  # noqa: BLE001  # outside of a Pulumi program (a unit test with mocks) there is no root
        root = ""
    return Path(root) if root and Path(root).is_absolute() else Path.cwd()
