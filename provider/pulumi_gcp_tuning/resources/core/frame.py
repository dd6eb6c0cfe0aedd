"""The rules that every resource follows, written once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from pulumi_gcp_tuning.errors import Finding, NotFound, Refused, Unfinished
from pulumi_gcp_tuning.names import Urn
from pulumi_gcp_tuning.preflight.rule import Rule, Rules, stated
from pulumi_gcp_tuning.preflight.spelling import DECLARED, PROPERTY
from pulumi_gcp_tuning.resources.core import claims, deleting
from pulumi_gcp_tuning.resources.core.declared import (
    called,
    checked_place,
    inputs_among,
    refuse_errors,
    resolved,
    weighed,
)
from pulumi_gcp_tuning.resources.core.description import goes_first, keys_in, keys_of, staying_keys
from pulumi_gcp_tuning.resources.core.foreseen import Fate, Foreseen, Sources
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, Placed, known, parse
from pulumi_gcp_tuning.resources.core.lifecycle import (
    Call,
    Checked,
    Current,
    Difference,
    Judged,
    Properties,
    is_known,
)
from pulumi_gcp_tuning.resources.core.outputs import Outputs, without
from pulumi_gcp_tuning.resources.core.places import in_same_place, in_words_of
from pulumi_gcp_tuning.resources.core.secrets import marks_differ, without_secrets
from pulumi_gcp_tuning.resources.core.stored import refuse_unreadable
from pulumi_gcp_tuning.resources.core.told import CommonTold, ReferringTold, explain_missing
from pulumi_gcp_tuning.resources.core.traits import Traits

RULES: Final[Rules] = (PROPERTY, DECLARED)
"""The rules that the frame itself calls, for every resource."""


class Resource(Protocol):
    """The functions of one resource. The frame calls them and applies the rules. Implementations are modules without state.

    ``args`` is the module's own ``Args``; UNKNOWN replaces a value that is wrong or known only at apply. ``told`` is
    its own ``Told``; a fact that the program did not pass may be true, so no rule takes it as false. ``inputs``,
    ``olds``, ``news`` and ``outputs`` are plain properties that contain both.
    """

    @property
    def Args(self) -> type[CommonArgs]:  # noqa: N802  # the name of a class
        """The properties that a program declares."""
        ...

    @property
    def Told(self) -> type[CommonTold]:  # noqa: N802  # the name of a class
        """The facts about it that only the program knows."""
        ...

    @property
    def State(self) -> type[Outputs]:  # noqa: N802  # the name of a class
        """The outputs: Google's answer and what the package adds."""
        ...

    @property
    def RULES(self) -> Rules:  # noqa: N802  # the name of a constant
        """The rules that ``judge`` calls."""
        ...

    @property
    def TRAITS(self) -> Traits:  # noqa: N802  # the name of a constant
        """Its words in messages, and what only some resources have."""
        ...

    def submits(self, olds: Properties, inputs: Properties) -> bool:
        """Whether this run would create it at Google, for the first time or again. Pure."""
        ...

    def judge(
        self, call: Call, args: Any, told: Any, olds: Properties, inputs: Properties, *, ask: bool, creating: bool
    ) -> Judged:
        """Every finding except the schema's. It asks Google only if ``ask``; ``creating`` means that create follows directly."""
        ...

    def changes(self, call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
        """What the new inputs change. They may contain UNKNOWN."""
        ...

    def make(self, call: Call, args: Any, told: Any, inputs: Properties) -> Current:
        """Create it, or adopt what an earlier run created. Raises Unfinished if a wait ends early."""
        ...

    def look(self, call: Call, id: str, outputs: Properties) -> Current | None:  # noqa: A002
        """The resource as Google has it. Returns None or raises NotFound if Google no longer has it."""
        ...

    def patch(self, call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
        """Change it in place; continue a wait that ended early."""
        ...

    def remove(self, call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
        """Remove it. Raises NotFound if it is already gone."""
        ...


@dataclass(frozen=True)
class Frame:
    """One kind of resource, as ``dynamic.py`` calls it. ``kind`` is its name in users' state. Implements :class:`~.lifecycle.Lifecycle`."""

    kind: str
    resource: Resource

    @property
    def traits(self) -> Traits:
        """What the resource says about itself."""
        return self.resource.TRAITS

    @property
    def name(self) -> str:
        """The name of the class that a program declares: ``TuningJob``."""
        return "".join(word.capitalize() for word in self.kind.split("_"))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule that its check calls."""
        return stated((*RULES, *self.resource.RULES))

    @property
    def made_first(self) -> bool:
        """Whether a replacement must exist before the old one is deleted."""
        return not goes_first(self.resource.State)

    def unknown_on_create(self, inputs: Properties) -> frozenset[str]:
        """The outputs that only create will know. Every other output equals the input of the same name, as check left it. Pure."""
        given = {key for key, value in inputs.items() if is_known(value)}
        return frozenset({*keys_in(self.resource.State), *inputs} - given)

    def known_on_update(self, olds: Properties, news: Properties) -> frozenset[str]:
        """The outputs that an update in place keeps from ``olds`` or takes from ``news``. Pure."""
        given = {key for key, value in news.items() if is_known(value)}
        return frozenset(given | (staying_keys(self.resource.State) & (olds.keys() - news.keys())))

    def check(self, call: Call, olds: Properties, news: Properties) -> Checked:
        """The inputs with defaults filled in, and every finding at once. Asks Google only if this run would make the resource."""
        call.run.of(Holdings).note_check(self.kind, call.urn)
        if olds:
            self._refuse_unreadable(call, olds)
        inputs = self.traits.fill_in(resolved(call.settings, self.resource.Args, news))
        args, told, findings = self._parsed(inputs)
        call.run.of(Foreseen).note_check(call.urn, _sources_in(told))
        malformed = bool(findings)
        if not malformed:  # as the state has them, else the same declaration in other words would look like another one
            inputs = {**args.properties(), **told.properties()}
        olds = in_words_of(olds, inputs) if isinstance(args, Placed) else olds
        if self.traits.recognised and not malformed:
            names = self.traits.recognised.declared(str(inputs.get("resourceUrn") or call.urn), inputs)
            call.run.of(Holdings).note_check(self.kind, call.urn, names)
        submits = self.resource.submits(olds, inputs)
        judged = self._judge(call, args, told, olds, inputs, ask=submits, creating=False)
        for line in judged.told:
            call.tell(line)
        if not olds and call.run.of(Foreseen).surely_other(call.urn, inputs, _sources_in(told)):
            call.run.of(Foreseen).note_new(call.urn)
        kept = weighed([*findings, *judged.findings], call.settings, known(args.checks), submits=submits)
        return Checked(inputs=inputs, findings=kept)

    def diff(self, call: Call, id: str, olds: Properties, news: Properties) -> Difference:  # noqa: A002
        """The difference, noted for the run: held if it stays, let go if replaced. An input from a replaced resource replaces it too."""
        self._refuse_unreadable(call, olds, id)
        foreseen, sources = call.run.of(Foreseen), self._sources_of(news)
        news = foreseen.filled_in(call.urn, olds, news, sources)
        in_place = in_same_place(call, id, olds, news) if issubclass(self.resource.Args, Placed) else olds
        difference = self.resource.changes(call, id, in_place, news)
        if difference.changed is False and marks_differ(olds, news):
            difference = replace(difference, changed=None, paths=[*difference.paths, ("secretInputs",)])
        if others := foreseen.surely_other(call.urn, news, sources):
            difference = replace(
                difference, changed=None, replaces=list(dict.fromkeys([*difference.replaces, *others]))
            )
        foreseen.note_diff(call.urn, self._fate(id, olds, news, difference, surely=bool(others)))
        begun = {place[0] for place in difference.paths}
        rest = [(key,) for key in difference.replaces if key not in begun]
        difference = replace(difference, paths=[*difference.paths, *rest])
        holdings = call.run.of(Holdings)
        if difference.replaces:
            holdings.let_go(self.kind, call.urn, id, olds, first=difference.delete_before_replace)
        elif holdings.is_declared(self.kind, call.urn):
            holdings.hold(self.kind, call.urn, id, olds)
        return difference

    def create(self, call: Call, inputs: Properties) -> Current:
        """Creates or adopts the resource. After a cancel it refuses before it asks Google anything.

        What was created is noted as held, even if a wait ended early.
        """
        _refuse_after_cancel(call)
        with self._held(call) as made:
            args, told, findings = self._parsed(inputs)
            findings += self._judge(call, args, told, {}, inputs, ask=True, creating=True).findings
            findings = without_secrets(findings, inputs)
            what = f"The {self.traits.noun} {called(call, inputs)!r}"
            refuse_errors(weighed(findings, call.settings, known(args.checks), submits=True), what, call)
            made.append(self.resource.make(call, args, told, inputs))
        call.run.of(Foreseen).note_create(made[0].id)
        return made[0]

    def read(self, call: Call, id: str, outputs: Properties) -> Current | None:  # noqa: A002
        """The resource as Google has it; None only if the API that created it says that it is gone.

        The claim and the API origin stay as in state: a refresh also reads pending deletes, and a delete uses what was
        read.
        """
        try:
            if not self._is_new(outputs):
                self._refuse_unreadable(call, outputs, id)
            current = self.resource.look(call, id, outputs)
        except NotFound:
            current = None
        if current is None:
            self._refuse_unknown_id(call, id, outputs)
            call.settings.check_origin(outputs.get("apiOrigin"), id)
            return None
        if self._is_new(outputs):
            return replace(current, outputs=without(current.outputs, [claims.KEY]))
        return replace(current, outputs=_with_kept(current.outputs, outputs, (claims.KEY, "apiOrigin")))

    def update(self, call: Call, id: str, olds: Properties, news: Properties) -> Current:  # noqa: A002
        """Changes it in place, unless another entry owns it. The result is noted as held, even if a wait ended early."""
        _refuse_after_cancel(call)
        self._refuse_unreadable(call, olds, id)
        with self._held(call) as made:
            call.settings.check_origin(olds.get("apiOrigin"), id)
            marks = self.traits.marks(call, id, olds) if self.traits.marks else None
            if marks is not None:
                claims.refuse_anothers(call, olds, marks)
                if claims.claim_of(olds) and not marks.claim:
                    claims.tell_nobodys(call, marks)
            made.append(self.resource.patch(call, id, olds, news))
        return made[0]

    def delete(self, call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
        """Removes it, unless :func:`.deleting.reason_to_stay` has a reason against it.

        An object that another entry claims stays, and a warning says so.
        """
        _refuse_after_cancel(call)
        self._refuse_unreadable(call, outputs, id)
        if stays := deleting.reason_to_stay(call, self, id, outputs):
            call.tell(stays)
            return
        call.settings.check_origin(outputs.get("apiOrigin"), id)
        declarer = self._declarer_of(call, id, outputs)
        if declarer is not None:
            call.tell(f"{id} is not deleted, because the program declares it as {Urn.parse(declarer).name!r}.")
        elif not self._is_anothers(call, id, outputs):
            with suppress(NotFound):
                self.resource.remove(call, id, outputs)

    def _declarer_of(self, call: Call, id: str, outputs: Properties) -> str | None:  # noqa: A002
        """The URN under which the program declares this object, which carries no claim and whose id the run does not know yet."""
        if self.traits.recognised is None:
            return None
        return call.run.of(Holdings).declarer_of(self.kind, self.traits.recognised.standing(id, outputs))

    def _is_anothers(self, call: Call, id: str, outputs: Properties) -> bool:  # noqa: A002
        """Whether another entry owns the object; a warning says so. False if it is gone, because parts of it may remain."""
        try:
            marks = self.traits.marks(call, id, outputs) if self.traits.marks else None
        except NotFound:
            return False
        if marks is None:
            return False
        found = claims.whose(call, outputs, marks)
        if found == "another's":
            claims.tell_anothers(call, outputs, marks)
        elif found == "nobody's":
            claims.tell_nobodys(call, marks)
        return found == "another's"

    def _sources_of(self, news: Properties) -> Sources:
        if "inputSources" not in news or not issubclass(self.resource.Told, ReferringTold):
            return {}
        return _sources_in(parse(self.resource.Told, {"inputSources": news["inputSources"]}, self.name)[0])

    def _fate(self, id: str, olds: Properties, news: Properties, difference: Difference, *, surely: bool) -> Fate:  # noqa: A002
        """What this run does with it. Empty if a replacement is uncertain, or if it creates nothing and the adopted id is unknown."""
        if difference.replaces and difference.becomes:
            return Fate(becomes=difference.becomes)
        if difference.replaces:
            return Fate(replaced=surely or self.resource.submits(olds, news))
        if not all(is_known(news.get(key)) for key in keys_of(self.resource.Args, "spec", "place")):
            return Fate()
        if difference.waits:
            return Fate(replaced=difference.makes_another, becomes=difference.becomes, stays=frozenset([id]))
        kept = [olds.get(key) for key in staying_keys(self.resource.State)]
        return Fate(stays=frozenset([id, *(value for value in kept if isinstance(value, str))]))

    def _parsed(self, inputs: Properties) -> tuple[CommonArgs, CommonTold, list[Finding]]:
        """What the program declares, what only it knows, and a finding for each error in either."""
        of_told = inputs_among(inputs, self.resource.Told)
        args, findings = parse(self.resource.Args, without(inputs, of_told), self.name)
        told, more = parse(self.resource.Told, of_told, self.name)
        return args, told, [*explain_missing(findings, inputs, _sources_in(told)), *more]

    def _judge(
        self,
        call: Call,
        args: Any,
        told: CommonTold,
        olds: Properties,
        inputs: Properties,
        *,
        ask: bool,
        creating: bool,
    ) -> Judged:
        args, placed = checked_place(args)
        try:
            judged = self.resource.judge(call, args, told, olds, inputs, ask=ask, creating=creating)
        except Refused as error:  # the user's catalogue cannot be used
            return Judged(findings=[*placed, DECLARED.finding((), error.words, None, shared=True)])
        return Judged(findings=[*placed, *judged.findings], told=judged.told)

    def _refuse_unreadable(self, call: Call, stored: Properties, id: str | None = None) -> None:  # noqa: A002
        refuse_unreadable(call, (self.resource.Args, self.resource.Told, self.resource.State), stored, id)

    def _is_new(self, outputs: Properties) -> bool:
        """Whether this is the first read: a program that reads a resource by its id has no other outputs."""
        return outputs.keys() <= keys_in(self.resource.Told)

    def _refuse_unknown_id(self, call: Call, id: str, outputs: Properties) -> None:  # noqa: A002
        """Raises Refused on a first read. A resource in state also has its inputs."""
        if self._is_new(outputs):
            raise Refused(
                f"The {self.kind.replace('_', ' ')} {id} does not exist at {call.settings.api_origin}.\nCheck the "
                "name, the location in it, and where GCP_TUNING_BASE_URL points."
            )

    @contextmanager
    def _held(self, call: Call) -> Iterator[list[Current]]:
        """Notes what the body makes as held by the entry. If the body makes nothing, the entry still holds what it had."""
        made: list[Current] = []
        try:
            yield made
        except Unfinished as error:
            holdings = call.run.of(Holdings)
            if error.put_off:
                holdings.note_awaited(self.name, self.kind, call.urn)
                raise
            holdings.note_failure()
            holdings.hold(self.kind, call.urn, error.id, error.outputs)
            raise
        except BaseException:
            call.run.of(Holdings).note_failure()
            call.run.of(Holdings).hold_again(self.kind, call.urn)
            raise
        call.run.of(Holdings).hold(self.kind, call.urn, made[0].id, made[0].outputs)


def _sources_in(told: CommonTold) -> Sources:
    return told.sources if isinstance(told, ReferringTold) else {}


def _with_kept(outputs: Properties, stored: Properties, keys: Iterable[str]) -> Properties:
    """The outputs, with these keys as they are stored; a key that is not stored is left out."""
    return {**without(outputs, keys), **{key: stored[key] for key in keys if key in stored}}


def _refuse_after_cancel(call: Call) -> None:
    if call.cancelled():
        raise Refused("Not started, because the run was cancelled. Run pulumi up again to continue.")
