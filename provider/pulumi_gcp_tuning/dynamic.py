"""The provider class that Pulumi's dynamic host calls. The names here are frozen.

Every resource in every user's state carries a reference to ``pulumi_gcp_tuning.dynamic._load`` with a kind and a
version; a test pins its bytes. Everything else may be renamed and moved. ``Door`` translates between Pulumi's types and
those of ``resources/core/lifecycle.py``; it makes no decisions.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from pulumi import dynamic

from pulumi_gcp_tuning import collecting, engine, host
from pulumi_gcp_tuning.errors import Printed, Refused, TuningError, Unfinished
from pulumi_gcp_tuning.properties import PROVIDER_KEY, for_engine, from_pulumi, is_plain, stored_in, to_pulumi
from pulumi_gcp_tuning.redaction import redact, shortened, summary_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Checked, Current, Lifecycle, Properties
    from pulumi_gcp_tuning.wording import Spelling


def _load(kind: str, version: int) -> Door:  # frozen: the name, the module and the arguments are in users' state
    return CheckingDoor(kind, version) if collecting.VARIABLE in os.environ else Door(kind, version)


class Door(dynamic.ResourceProvider):
    """Serves one kind of resource to Pulumi's dynamic host."""

    serialize_as_secret_always = False

    def __init__(self, kind: str, version: int = 1) -> None:
        super().__init__()
        self._kind = kind
        self._version = version
        self._settings: Settings | None = None
        self._misconfigured = Refused("Pulumi called the provider before it configured it; this is a bug.")

    def __reduce__(self) -> tuple[Callable[..., Door], tuple[str, int]]:
        return _load, (self._kind, self._version)

    def lifecycle(self) -> Lifecycle:
        """The lifecycle of this kind of resource."""
        from pulumi_gcp_tuning.resources.registry import lifecycle_of

        lifecycle: Lifecycle = lifecycle_of(self._kind)
        return lifecycle

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Read the settings; no network."""
        host.adapt()  # before the import, which then takes less time
        from pulumi_gcp_tuning.config import Settings

        try:
            project = getattr(req.config, "_project_name", "")
            self._settings = Settings.resolve(_config_of(req), os.environ, pulumi_project=project)
        except Refused as error:  # check reports it: no other method shows a clean error under every host
            self._misconfigured = error

    def check(self, _olds: Properties, news: Properties) -> dynamic.CheckResult:
        """All findings at once: errors as failures, warnings to the resource's diagnostics."""
        olds, news = from_pulumi(_olds), _without_root(from_pulumi(news))
        if self._settings is None:
            return dynamic.CheckResult(to_pulumi(news), [dynamic.CheckFailure("", redact(str(self._misconfigured)))])
        with self._call(news, olds) as call:
            checked = self.lifecycle().check(call, olds, news)
            findings = _printed(checked, news, call.spelling)
            for finding in findings:
                if finding.severity == "warn" and finding.shared:
                    engine.warn("", finding.sentences)  # same for all resources, so shown once
                elif finding.severity == "warn":
                    call.warn(str(finding))
            errors = [str(finding) for finding in findings if finding.severity == "error"]
            # `up` rejects unknown values before it shows the failures. Nothing reads the inputs of a failed check.
            inputs = to_pulumi(news) if errors else for_engine(checked.inputs)
            host.mark_plain(plain=is_plain(inputs))
            # With a property the engine would print the input's value, and {<nil>} for anything nested.
            return dynamic.CheckResult(inputs, _failures(errors))

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.DiffResult:
        """What would change, unknowns included."""
        olds, news = from_pulumi(_olds), from_pulumi(_news)
        with self._call(news, olds) as call:
            return self._difference(call, _id, olds, news)

    def create(self, props: Properties) -> dynamic.CreateResult:
        """Create it; what exists after a failure is kept in state."""
        inputs = from_pulumi(props)
        host.note_apply()
        with self._call(inputs, keep=props) as call:
            engine.clear_status(call.urn)
            current = self.lifecycle().create(call, inputs)
            return dynamic.CreateResult(current.id, _outputs(current))

    def read(self, id_: str, props: Properties) -> dynamic.ReadResult:
        """The resource as Google has it; no id if it no longer exists."""
        outputs = from_pulumi(props)
        with self._call(outputs, keep=props) as call:
            return self._reading(call, id_, outputs)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.UpdateResult:
        """Change it in place; for an unfinished resource, continue the wait."""
        olds, news = from_pulumi(_olds), from_pulumi(_news)
        host.note_apply()
        with self._call(news, olds, keep=_news) as call:
            engine.clear_status(call.urn)
            return dynamic.UpdateResult(_outputs(self.lifecycle().update(call, _id, olds, news)))

    def delete(self, _id: str, _props: Properties) -> None:
        """Delete it, as its deletion policy allows."""
        outputs = from_pulumi(_props)
        host.note_apply()
        with self._call(outputs) as call:
            self.lifecycle().delete(call, _id, outputs)

    def _difference(self, call: Call, id_: str, olds: Properties, news: Properties) -> dynamic.DiffResult:
        difference = self.lifecycle().diff(call, id_, olds, news)
        if difference.changed is not False:
            from pulumi_gcp_tuning.resources.core.detail import find_property_diffs

            served = host.served_call()
            old_inputs, ignored = (stored_in(served.old_inputs), served.ignored) if served else (None, ())
            found = find_property_diffs(difference, old_inputs, olds, news, ignored)
            # the engine writes the changes before each line of progress, and cuts the row at the terminal's width
            host.mark_changed(found, named=not (difference.replaces and host.shows_progress()))
        return dynamic.DiffResult(
            changes=difference.changed,
            replaces=list(difference.replaces),
            delete_before_replace=difference.delete_before_replace,
        )

    def _reading(self, call: Call, id_: str, outputs: Properties) -> dynamic.ReadResult:
        current = self.lifecycle().read(call, id_, outputs)
        if current is None:
            return dynamic.ReadResult(None, {})
        inputs = None if current.inputs is None else for_engine(current.inputs)
        return dynamic.ReadResult(current.id, _outputs(current), inputs)

    @contextmanager
    def _call(self, *where: Properties, keep: Properties | None = None) -> Iterator[Call]:
        """The context of this call; ``keep`` are the properties from which partial state takes ``__provider``."""
        from pulumi_gcp_tuning.clock import SystemClock
        from pulumi_gcp_tuning.resources.core.lifecycle import Call
        from pulumi_gcp_tuning.resources.core.process import shared_by
        from pulumi_gcp_tuning.resources.core.secrets import hiding

        served = host.served_call()
        host.mark_unfinished(unfinished=False)
        urn = _urn_of(served, *where)
        hide = hiding(*where)
        with _told_in_our_words(urn, keep, hide):
            if self._settings is None:
                raise self._misconfigured
            google, run = shared_by(self._settings, host.cancelled, host.engine_address())
            yield Call(
                urn=urn,
                declared=stored_in(served.inputs) if served else None,
                settings=self._settings,
                google=google,
                clock=SystemClock(),
                timeout=served.timeout if served else None,
                cancelled=host.cancelled,
                report=lambda line: engine.report(urn, hide(line)),
                warn=lambda text: engine.warn(urn, hide(text)),
                tell=lambda line: engine.tell(urn, hide(line)),
                run=run,
                root=_roots[-1] if _roots else None,
            )


class CheckingDoor(Door):
    """The provider class of ``gcp-tuning check``: it records findings instead of failing, so that all resources are checked.

    It changes nothing. If the variable is set but no such check is running, it works as ``Door``.
    """

    def __init__(self, kind: str, version: int = 1) -> None:
        super().__init__(kind, version)
        self._wrong: set[str] = set()  # the URNs whose inputs failed their check

    def check(self, _olds: Properties, news: Properties) -> dynamic.CheckResult:
        """Returns no failures, because they are recorded for the command."""
        olds, given = from_pulumi(_olds), _without_root(from_pulumi(news))

        def ask(call: Call, findings: list[Printed]) -> dict[str, Any]:
            checked = self.lifecycle().check(call, olds, given)
            findings += _printed(checked, given, call.spelling)
            return for_engine(checked.inputs)

        collection = collecting.find_collection(os.environ)
        if collection is None:
            return super().check(_olds, news)
        inputs, note = self._noted(ask, given, olds)
        collection.add(note)
        if any(finding.severity == "error" for finding in note.findings):
            self._wrong.add(note.urn)
        return dynamic.CheckResult(to_pulumi(given) if inputs is None else inputs, [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.DiffResult:
        """Leaves the comparison to the engine if the inputs failed their check."""
        olds, news = from_pulumi(_olds), from_pulumi(_news)
        collection = collecting.find_collection(os.environ)
        if collection is None:
            return super().diff(_id, _olds, _news)
        answer = None
        if _urn_of(host.served_call(), news, olds) not in self._wrong:
            answer, note = self._noted(lambda call, _: self._difference(call, _id, olds, news), news, olds)
            if note.findings or note.told or note.facts:
                collection.add(note)
        return answer or dynamic.DiffResult(changes=None, replaces=[], delete_before_replace=False)

    def read(self, id_: str, props: Properties) -> dynamic.ReadResult:
        """Returns the properties in state if the resource cannot be read."""
        outputs = from_pulumi(props)
        collection = collecting.find_collection(os.environ)
        if collection is None:
            return super().read(id_, props)
        answer, note = self._noted(lambda call, _: self._reading(call, id_, outputs), outputs)
        if note.findings or note.told or note.facts:
            collection.add(note)
        return answer or dynamic.ReadResult(id_, dict(props))

    def create(self, props: Properties) -> dynamic.CreateResult:
        """Always refused."""
        raise Refused(collecting.ONLY_CHECKS)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> dynamic.UpdateResult:
        """Always refused."""
        raise Refused(collecting.ONLY_CHECKS)

    def delete(self, _id: str, _props: Properties) -> None:
        """Always refused."""
        raise Refused(collecting.ONLY_CHECKS)

    def _noted(
        self, ask: Callable[[Call, list[Printed]], _Answer], *where: Properties
    ) -> tuple[_Answer | None, collecting.Note]:
        """The answer of ``ask`` (None if it fails) and its findings; a failure is a finding too."""
        from pulumi_gcp_tuning.resources.core.secrets import hiding

        hide = hiding(*where)
        findings: list[Printed] = []
        told: list[str] = []
        facts: dict[str, Any] = {}
        answer: _Answer | None = None

        def warn(text: str) -> None:
            findings.append(Printed(path="", problem=redact(hide(text)), remedy="", severity="warn"))

        try:
            with self._call(*where) as call:
                answer = ask(
                    replace(
                        call,
                        report=lambda _line: None,
                        warn=warn,
                        tell=lambda line: told.append(redact(hide(line))),
                        note=lambda subject, fact: facts.update({subject: _hidden(fact, hide)}),
                    ),
                    findings,
                )
        except TuningError as error:
            findings.append(Printed(path="", problem=str(error), remedy="", shared=self._settings is None))
        urn = _urn_of(host.served_call(), *where)
        return answer, collecting.Note(urn=urn, findings=tuple(findings), told=tuple(told), facts=facts)


def _hidden(fact: Any, hide: Callable[[str], str]) -> Any:
    """A fact whose texts went through ``hide``."""
    if isinstance(fact, Mapping):
        return {key: _hidden(value, hide) for key, value in fact.items()}
    if isinstance(fact, list | tuple):
        return [_hidden(value, hide) for value in fact]
    return redact(hide(fact)) if isinstance(fact, str) else fact


def _failures(errors: list[str]) -> list[dynamic.CheckFailure]:
    """One failure for all errors, because the engine prints the resource's type and name before each failure."""
    if not errors:
        return []
    lines = errors if len(errors) == 1 else [f"{len(errors)} errors:", *(f"  {error}" for error in errors)]
    return [dynamic.CheckFailure("", "\n".join(lines))]


_Answer = TypeVar("_Answer")


_roots: Final[list[Path]] = []
"""The folder that the program's relative paths start from, from the last call that gave it."""


def _without_root(news: Properties) -> Properties:
    """The inputs without the program's folder, which differs between machines and must not be in state."""
    root = news.pop("projectRoot", None)
    if isinstance(root, str) and Path(root).is_absolute():
        _roots[:] = [Path(root)]
    return news


def _urn_of(served: host.ServedCall | None, *where: Properties) -> str:
    urns = (properties.get("resourceUrn") for properties in where)
    return served.urn if served else next((u for u in urns if isinstance(u, str)), "")


def _config_of(request: dynamic.ConfigureRequest) -> dict[str, str]:
    raw = getattr(request.config, "_props", None)
    if not isinstance(raw, Mapping):
        raise Refused(
            "gcp-tuning cannot read the configuration that this version of Pulumi gives to dynamic providers. "
            "Use the pulumi version that this release of gcp-tuning is locked to."
        )
    return {key: value for key, value in raw.items() if isinstance(value, str) and key != PROVIDER_KEY}


def _outputs(current: Current) -> dict[str, Any]:
    host.mark_unfinished(unfinished=current.unfinished)
    return for_engine(current.outputs)


def _printed(checked: Checked, news: Properties, spelling: Spelling) -> list[Printed]:
    """The findings without secrets, because the CLI hides only inputs, not text that quotes them."""
    from pulumi_gcp_tuning.resources.core.secrets import without_secrets

    told = [each.printed(spelling) for each in without_secrets(checked.findings, {**checked.inputs, **news})]
    return [replace(f, path=redact(f.path), problem=redact(f.problem), remedy=redact(f.remedy)) for f in told]


@contextmanager
def _told_in_our_words(urn: str, keep: Mapping[str, Any] | None, hide: Callable[[str], str]) -> Iterator[None]:
    """Turns any error into one message without its cause; what already exists is kept in state."""
    try:
        yield
    except Unfinished as error:
        outputs = for_engine(error.outputs)
        if keep is not None and PROVIDER_KEY in keep:
            outputs[PROVIDER_KEY] = keep[PROVIDER_KEY]
        text = shortened(hide(str(error)))
        (host.keep_awaited if error.put_off else host.keep_unfinished)(error.id, outputs, text)
        raise (error if text == str(error) else TuningError(text)) from None
    except TuningError as error:
        if (text := shortened(hide(str(error)))) != str(error):
            raise TuningError(text) from None
        raise error from None
    except Exception as error:  # noqa: BLE001
        _tell_bug(urn, error, hide)


def _tell_bug(urn: str, error: Exception, hide: Callable[[str], str]) -> NoReturn:
    where = (
        " Run it again with --debug to see the traceback." if engine.debug(urn, hide(traceback.format_exc())) else ""
    )
    summary = summary_of(error, hide)
    raise TuningError(f"internal error in gcp-tuning ({summary}); this is a bug.{where}") from None
