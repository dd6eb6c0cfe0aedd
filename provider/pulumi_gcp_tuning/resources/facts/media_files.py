"""Looks at the files that the rows of a dataset name: a limited number of them, many in parallel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import NotFound, TuningError
from pulumi_gcp_tuning.names import GcsUri, MalformedName
from pulumi_gcp_tuning.preflight.location import PUBLIC_BUCKETS
from pulumi_gcp_tuning.preflight.media import MOST_LOOKED_UP, FilesSeen
from pulumi_gcp_tuning.resources.facts.surroundings import missing_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.datasets import FileReport
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

_AT_A_TIME: Final = 8


def look_at_files(call: Call, file: FileReport, read: Callable[[GcsUri], Any]) -> FilesSeen | None:
    """What is known about the files that a dataset names; None if it names none in a bucket. Never raises for a finding.

    ``read`` returns the metadata of an object.
    """
    from pulumi_gcp_tuning.datasets.limits import MOST_BYTES

    named = [(uri, each.kind, line) for each, line in file.named_files if (uri := _in_a_bucket(each.uri)) is not None]
    if not named:
        return None
    step = max(1, len(named) / MOST_LOOKED_UP)
    sample = [named[int(at * step)] for at in range(min(len(named), MOST_LOOKED_UP))]
    with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="files") as pool:
        answers = list(pool.map(lambda each: _answer(read, each[0]), sample))
    absent: list[int] = []
    sizes: dict[int, tuple[str, int, int]] = {}
    without_size: list[int] = []
    unread = None
    for (uri, kind, line), answer in zip(sample, answers, strict=True):
        if isinstance(answer, NotFound):
            absent.append(line)
        elif isinstance(answer, TuningError):
            needs = f"storage.objects.get on the bucket {uri.bucket} (roles/storage.objectViewer)"
            subject = f"the files that rows of {file.file} name"
            unread = unread or missing_of(call, answer, subject=subject, needs=needs)
        elif not str(answer.get("size", "")).isdigit():
            without_size.append(line)
        elif kind in MOST_BYTES and int(answer["size"]) > MOST_BYTES[kind]:
            sizes[line] = (kind, int(answer["size"]), MOST_BYTES[kind])
    return FilesSeen(
        dataset=file.file,
        total=len(named),
        looked_up=len(sample),
        absent=tuple(absent),
        sizes=sizes,
        without_size=tuple(without_size),
        unread=unread,
        buckets=frozenset(uri.bucket for uri, _, _ in named),
    )


def _answer(read: Callable[[GcsUri], Any], uri: GcsUri) -> Any:
    try:
        return read(uri)
    except TuningError as error:
        return error


def _in_a_bucket(text: str) -> GcsUri | None:
    try:
        uri = GcsUri.parse_object(text)
    except MalformedName:
        return None
    return None if uri.bucket in PUBLIC_BUCKETS else uri
