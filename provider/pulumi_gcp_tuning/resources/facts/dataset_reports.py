"""The facts about a job's dataset, read once per content and model in a run, from this machine or from the bucket."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple, TypeVar, cast

from pulumi_gcp_tuning.errors import Finding, NotFound, TuningError
from pulumi_gcp_tuning.names import GcsUri, MalformedName
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.preflight.cost import TokenCount
from pulumi_gcp_tuning.preflight.datasets import OBJECT, findings_of, judge_unread
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Known, Missing
from pulumi_gcp_tuning.preflight.media import FilesSeen, check_files
from pulumi_gcp_tuning.resources.core.seen import find_change
from pulumi_gcp_tuning.resources.facts.media_files import look_at_files
from pulumi_gcp_tuning.resources.facts.payer import open_object, paid_by
from pulumi_gcp_tuning.resources.facts.surroundings import missing_of
from pulumi_gcp_tuning.resources.facts.token_counts import MOST_BYTES, MOST_CHARACTERS, fetch_token_count
from pulumi_gcp_tuning.wording import PropertyPath, advise

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import ModelRow
    from pulumi_gcp_tuning.datasets import FileReport, Report, Source
    from pulumi_gcp_tuning.datasets.contents import HeadKept
    from pulumi_gcp_tuning.google.object_reading import OpenObject
    from pulumi_gcp_tuning.resources.core.lifecycle import Call


class DataPaths(NamedTuple):
    """The property paths that name a job's data."""

    training: PropertyPath
    validation: PropertyPath


SUPERVISED: Final = DataPaths(
    ("supervised_tuning_spec", "training_dataset_uri"), ("supervised_tuning_spec", "validation_dataset_uri")
)

T = TypeVar("T")


@dataclass
class DatasetsOfRun:
    """What this run knows about its data.

    ``local_files`` are the files that its TuningDatasets upload, by their ``gs://`` URI. ``told`` is what the user was
    told about them. ``reports`` are the validator's reports on files and objects, by content and model. A read that
    failed is tried again.
    """

    local_files: dict[str, Path] = field(default_factory=dict)
    told: dict[str, Report] = field(default_factory=dict)
    reports: Once = field(default_factory=partial(Once, Exception))


@dataclass(frozen=True, kw_only=True)
class DatasetFile:
    """A file that could be read. ``generation`` is the object's, None for a file on this machine."""

    uri: str
    sha256: str
    bytes: int
    generation: str | None = None


@dataclass(frozen=True, kw_only=True)
class DatasetFact:
    """A dataset, as far as it could be read.

    ``training`` and ``validation`` are Known(None) if there is no such object, Missing if it may not be read, and
    NotAsked if the URI is not known yet or invalid. ``report`` is set if the training file was read; it includes the
    validation file if that was read too. ``findings`` are the errors in the rows, except those that a TuningDataset of
    this run has reported. ``counted`` are the training tokens, if Google counts them. ``seen`` is what is known about
    the files that rows name.
    """

    paths: DataPaths = SUPERVISED
    training_uri: str = ""
    training: Fact[DatasetFile | None] = NOT_ASKED
    validation_uri: str = ""
    validation: Fact[DatasetFile | None] = NOT_ASKED
    report: Report | None = None
    findings: tuple[Finding, ...] = ()
    counted: Fact[TokenCount] = NOT_ASKED
    seen: tuple[tuple[PropertyPath, FilesSeen], ...] = ()

    @property
    def files(self) -> tuple[tuple[PropertyPath, str, Fact[DatasetFile | None]], ...]:
        """Each file: the property that names it, its URI, and its fact."""
        first = (self.paths.training, self.training_uri, self.training)
        return (first, (self.paths.validation, self.validation_uri, self.validation))

    @property
    def generation(self) -> str | None:
        """The generation of the training object that was read."""
        file = self.training.value if isinstance(self.training, Known) else None
        return file.generation if file else None

    @property
    def examples(self) -> int | None:
        """The number of training examples."""
        return self.report.training.examples if self.report else None

    @property
    def tokens(self) -> Fact[TokenCount]:
        """The tokens of the text in one pass over the training file, for ``preflight.cost``."""
        if isinstance(self.counted, Known):
            return self.counted
        if self.report is not None:
            tokens = self.report.training.tokens
            return Known(TokenCount(tokens=tokens.count, source="estimate", least=tokens.least, most=tokens.most))
        if isinstance(self.training, Known):
            return NOT_ASKED  # the file does not exist yet
        return self.training


def check_dataset_fact(
    fact: DatasetFact, *, coming: Collection[PropertyPath] = (), without: Collection[str] = ()
) -> list[Finding]:
    """The findings of a fact: rows, and objects that do not exist or could not be read.

    ``coming`` are the property paths whose object this run may be about to make; if it does not exist, that is no
    finding. ``without`` are buckets that do not exist, which their own finding reports.
    """
    found = list(fact.findings)
    for path, uri, file in fact.files:
        if isinstance(file, Missing):
            found.append(judge_unread(uri, file, path))
        elif (
            isinstance(file, Known)
            and file.value is None
            and path not in coming
            and GcsUri.parse(uri).bucket not in without
        ):
            remedy = advise("create it first", "Upload it first, or declare a TuningDataset and take its uri.")
            found.append(OBJECT.finding(path, f"The object {uri} does not exist.", remedy))
    for path, seen in fact.seen:
        found += check_files(seen, path=path, coming=path in coming)
    return found


def fetch_dataset_report(
    call: Call,
    training_uri: str | None,
    validation_uri: str | None = None,
    model: ModelRow | None = None,
    *,
    paths: DataPaths = SUPERVISED,
    fresh: bool = False,
    coming: Collection[PropertyPath] = (),
    user_project: str | None = None,
    counted_by: str | None = None,
) -> DatasetFact:
    """Reads and judges a job's dataset, once for all jobs of the run that name it with that model. Never raises a TuningError.

    A URI is ``None`` if it is not known yet or not set; ``paths`` are the properties that name the URIs. ``fresh`` (for
    create) fetches the objects' generations again and reads changed objects again. If the content differs from what an
    earlier check of this command saw, that is a finding of the check ``change``, except for the paths in ``coming``,
    which this run may change. ``user_project`` pays if a bucket requires it. ``counted_by`` is the full name of the
    model that counts the training tokens.
    """
    training, validation = _as_uri(training_uri), _as_uri(validation_uri)
    if training is None:
        return DatasetFact(paths=paths)
    key = ("dataset", paths, str(training), str(validation), model.id if model is not None else None, counted_by)

    def read() -> DatasetFact:
        return _Reading(call, model, paths, user_project, counted_by).read(training, validation)

    reports = call.run.of(DatasetsOfRun).reports
    fact = reports.get(key, read)
    if fresh and any(_is_outdated(call, uri, file, user_project) for _, uri, file in fact.files):
        reports.drop(key, fact)
        fact = reports.get(key, read)
    changes = [
        change
        for path, uri, file in fact.files
        if path not in coming
        and isinstance(file, Known)
        and file.value is not None
        and file.value.generation is not None
        if (change := find_change(call, path, uri, f"generation {file.value.generation}")) is not None
    ]
    return replace(fact, findings=(*changes, *fact.findings)) if changes else fact


def remember_local_file(call: Call, uri: str, path: Path, told: Report | None) -> None:
    """Notes that a TuningDataset of this run uploads ``path`` to ``uri``, so that jobs can judge the file before it is there.

    ``told`` is the report that the user has already seen; jobs do not repeat it.
    """
    seen = call.run.of(DatasetsOfRun)
    with call.run.lock:
        seen.local_files[uri] = path
        if told is not None:
            seen.told[uri] = told


def fetch_local_report(call: Call, path: Path, name: str) -> Report:
    """The validator's report on a local file for a model, once per content and run."""
    from pulumi_gcp_tuning.datasets import Source, validate

    try:
        found = path.stat()
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
    except OSError:
        stamp = None
    reports = call.run.of(DatasetsOfRun).reports
    return reports.get(("file", str(path), name, stamp), lambda: validate(Source.of_path(path, name)))


class _Reading:
    """One pass over a dataset."""

    def __init__(
        self, call: Call, model: ModelRow | None, paths: DataPaths, user_project: str | None, counted_by: str | None
    ) -> None:
        self._call = call
        self._paths = paths
        self._model = model
        self._payer = user_project
        self._counted_by = counted_by
        self._head: HeadKept | None = None  # of the training file
        self._at = ""  # the URI that is being read
        self._failed: dict[str, Fact[DatasetFile | None]] = {}
        self._generations: dict[str, str | None] = {}
        self._changed: set[str] = set()  # local files whose content no longer matches their name
        self._told: list[Report] = []

    def read(self, training: GcsUri, validation: GcsUri | None) -> DatasetFact:
        report = self._judge(training, validation)
        if report is None and str(training) not in self._failed:
            report = self._judge(training, None)
        elif validation is not None and self._failed.get(str(training)) == Known(None):
            self._judge(validation, None)  # for whether it exists
        fact = DatasetFact(
            paths=self._paths,
            training_uri=str(training),
            training=self._failed.get(str(training), NOT_ASKED),
            validation_uri=str(validation or ""),
            validation=self._failed.get(str(validation), NOT_ASKED),
        )
        if report is None:
            return fact
        found = findings_of(
            report, property_path=self._paths.training, validation_path=self._paths.validation, told=self._told
        )
        # jobs that share a dataset would repeat the same warning
        told_once = tuple(replace(each, shared=each.severity == "warn") for each in found)
        fact = replace(
            fact,
            training=self._known(training, report.training),
            report=report,
            findings=told_once,
            counted=self._counted(report),
            seen=self._seen(report),
        )
        if report.validation is not None and validation is not None:
            fact = replace(fact, validation=self._known(validation, report.validation))
        return fact

    def _seen(self, report: Report) -> tuple[tuple[PropertyPath, FilesSeen], ...]:
        found: list[tuple[PropertyPath, FilesSeen]] = []
        for path, file in zip(self._paths, (report.training, report.validation), strict=True):
            seen = look_at_files(self._call, file, self._look) if file is not None and file.named_files else None
            if seen is not None:
                found.append((path, seen))
        return tuple(found)

    def _look(self, uri: GcsUri) -> object:
        storage = self._call.google.storage
        return paid_by(self._payer, lambda user: storage.get_object(uri.bucket, uri.object, user_project=user))

    def _counted(self, report: Report) -> Fact[TokenCount]:
        from pulumi_gcp_tuning.datasets.contents import COUNTABLE

        head, self._head = self._head, None
        words = None
        if head is not None and report.errors == 0 and report.training.format == COUNTABLE:
            words = head.words(MOST_CHARACTERS)
        if words is None or self._counted_by is None:
            return NOT_ASKED
        return fetch_token_count(self._call, self._counted_by, words, report.training)

    def _judge(self, training: GcsUri, validation: GcsUri | None) -> Report | None:
        """The validator's report; None if a file could not be read, which is noted."""
        from pulumi_gcp_tuning.datasets import validate

        named = [each for each in (training, validation) if each is not None]
        while True:
            self._told = []
            sources = [self._source_of(each) for each in named]
            if self._counted_by is not None:
                sources[0] = self._keeping_head(sources[0])
            try:
                report = validate(*sources, model=self._model)
            except NotFound:
                self._failed[self._at] = Known(None)
                return None
            except TuningError as error:
                needs = (
                    f"storage.objects.get on the bucket {GcsUri.parse(self._at).bucket} (roles/storage.objectViewer)"
                )
                self._failed[self._at] = missing_of(self._call, error, subject=self._at, needs=needs)
                return None
            files = zip(named, (report.training, report.validation), strict=False)
            changed = {
                str(uri)
                for uri, file in files
                if str(uri) not in self._generations and file is not None and file.sha256 != _content_named(uri)
            }
            if not changed:
                return report
            self._changed |= changed

    def _known(self, uri: GcsUri, file: FileReport) -> Known[DatasetFile | None]:
        generation = self._generations.get(str(uri))
        return Known(DatasetFile(uri=str(uri), sha256=file.sha256, bytes=file.bytes, generation=generation))

    def _source_of(self, uri: GcsUri) -> Source:
        """The file that a TuningDataset of this run uploads there, if its content still matches; else the object."""
        from pulumi_gcp_tuning.datasets import Source

        seen = self._call.run.of(DatasetsOfRun)
        with self._call.run.lock:
            path = seen.local_files.get(str(uri))
            told = seen.told.get(str(uri))
        if path is None or str(uri) in self._changed or not path.is_file():
            return Source(str(uri), lambda: self._open(uri))
        if told is None:
            return Source.of_path(path, _shown(path, self._call.root))
        self._told.append(told)
        return Source.of_path(path, told.training.file)

    def _keeping_head(self, source: Source) -> Source:
        from pulumi_gcp_tuning.datasets.contents import HeadKept

        def open_kept() -> IO[bytes]:
            self._head = HeadKept(source.open(), MOST_BYTES)
            return cast("IO[bytes]", self._head)

        return replace(source, open=open_kept)

    def _open(self, uri: GcsUri) -> OpenObject:
        self._at = str(uri)
        opened = open_object(self._call, uri, self._payer)
        self._generations[str(uri)] = opened.generation
        return opened


def _is_outdated(call: Call, uri: str, file: Fact[DatasetFile | None], payer: str | None) -> bool:
    """Whether the object has changed. A local file, and an object that cannot be read, count as unchanged."""
    if not isinstance(file, Known):
        return False
    if file.value is None:
        return True
    if file.value.generation is None:
        return False
    storage, place = call.google.storage, GcsUri.parse(uri)
    try:
        live = paid_by(payer, lambda user: storage.get_object(place.bucket, place.object, user_project=user))
    except NotFound:
        return True
    except TuningError:
        return False
    return str(live.get("generation")) != file.value.generation


def _as_uri(text: str | None) -> GcsUri | None:
    try:
        return GcsUri.parse_object(text) if text is not None else None
    except MalformedName:
        return None


def _content_named(uri: GcsUri) -> str:
    """The sha256 in the name of a TuningDataset's object."""
    return uri.object.rpartition("/")[2].removesuffix(".jsonl")


def _shown(path: Path, root: Path | None) -> str:
    return str(path.relative_to(root)) if root is not None and path.is_relative_to(root) else path.name
