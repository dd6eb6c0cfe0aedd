"""Facts about a resource that only the program knows, passed in addition to its inputs.

A program that uses this package passes every such fact and marks this with ``resourceUrn``; a missing fact then means
no. Without the mark (another language, an import) every fact here is *maybe*, so no rule may treat it as no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import snake
from pulumi_gcp_tuning.names import MalformedName, Urn
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.inputs import Inputs, Text, Texts, known
from pulumi_gcp_tuning.resources.core.lifecycle import Properties, is_known
from pulumi_gcp_tuning.wording import PropertyPath, advise, words


@dataclass(frozen=True)
class Made:
    """Which inputs of a resource other resources of the same program make, perhaps in this run.

    ``keys`` are certain. ``complete`` says that there are no others.
    """

    keys: frozenset[str] = frozenset()
    complete: bool = True

    def surely(self, key: str) -> bool:
        """Whether the program is known to make this input."""
        return key in self.keys

    def maybe(self, key: str) -> bool:
        """Whether the program makes this input or may do so. If so, a missing object is no finding."""
        return key in self.keys or not self.complete


NOTHING_MADE: Final = Made()
"""For a resource that exists: everything that the run makes for it is there."""


def is_stack_reference(urn: str) -> bool:
    """Whether the URN is a StackReference's, whose outputs another program makes."""
    return Urn.parse(urn).kind == "StackReference"


class CommonTold(Inputs):
    """The facts that a program passes for every resource. None means no if ``is_told``, and unknown otherwise."""

    resource_urn: Annotated[str | None, described("The resource's own URN; its identity is taken from it.")] = None
    from_resources: Annotated[
        list[Text] | None, described("Which inputs come from other resources of the program.")
    ] = None
    secret_inputs: Annotated[
        list[Text] | None, described("Which inputs are a secret, those of the job that a model is made by among them.")
    ] = None

    @property
    def is_told(self) -> bool:
        """Whether the program passed its facts."""
        return self.resource_urn is not None

    @property
    def made(self) -> Made:
        """The inputs that other resources of the program make. If the program passed no facts, there may be more."""
        given = known(self.from_resources)
        if given is None:
            return Made(complete=self.is_told and self.from_resources is None)
        keys = frozenset(key for key in given if known(key) is not None)
        return Made(keys, complete=len(keys) == len(set(given)))


class ReferringTold(CommonTold):
    """The facts for a resource whose inputs may be given as other resources of the program."""

    input_sources: Annotated[
        dict[str, Texts] | None, described("The resources of the program that an input comes from, by input.")
    ] = None

    @property
    def sources(self) -> dict[str, tuple[str, ...]]:
        """The URNs by input. An input that is missing here comes from no resource, or its source is unknown."""
        given = known(self.input_sources) or {}
        return {key: tuple(urns) for key, urns in given.items() if is_known(urns) and all(map(_is_urn, urns))}

    def may_come(self, key: str) -> bool:
        """Whether the input comes, or may come, from a resource of the program. If so, a name that does not exist is no finding."""
        return any(not is_stack_reference(urn) for urn in self.sources.get(key, ())) or self.made.maybe(key)


def explain_missing(
    findings: Iterable[Finding], inputs: Properties, sources: Mapping[str, tuple[str, ...]]
) -> list[Finding]:
    """The findings. For an input that the program sets from a resource without a value, the finding explains why it has none."""
    missing = {(snake(key),): urns[0] for key, urns in sources.items() if key not in inputs and len(urns) == 1}
    return [_explained(each, missing[each.path]) if each.path in missing else each for each in findings]


def _explained(finding: Finding, urn: str) -> Finding:
    source = Urn.parse(urn)
    if is_stack_reference(urn):
        problem = f"It comes from the stack {source.name}, which has no such output, or an empty one."
        remedy = advise("check it yourself", "Check the name of the output, and run `pulumi up` on that stack first.")
    else:
        problem = (
            f"It comes from the {source.kind} {source.name!r}, which has no value for it, because it was not made."
        )
        remedy = advise("run it again", "Give --target for it too ({urn}), or run without --target.", urn=urn)
    return replace(finding, problem=words("{problem}", problem=problem), remedy=remedy)


def _is_urn(text: str) -> bool:
    try:
        Urn.parse(text)
    except MalformedName:
        return False
    return True


class LabelledTold(CommonTold):
    """The facts for a resource with labels."""

    secret_labels: Annotated[
        bool | None,
        described("What earlier releases told in place of `secret_inputs`: whether the labels are a secret."),
    ] = None


class JobTold(LabelledTold):
    """The facts for a billed job."""

    after_jobs: Annotated[
        list[Text] | None, described("The jobs of the program that have ended before this one begins.")
    ] = None

    @property
    def before(self) -> tuple[str, ...] | None:
        """The URNs of the jobs that have ended before this one begins; None if unknown, so that any may have ended."""
        given = known(self.after_jobs)
        if given is None:
            return () if self.is_told and self.after_jobs is None else None
        return tuple(given) if all(known(each) is not None for each in given) else None


class BucketsTold(CommonTold):
    """The facts for a resource that has to be near its buckets."""

    bucket_places: Annotated[
        dict[str, Text] | None,
        described("The locations of the buckets that the program declares, by the input that names an object in one."),
    ] = None

    @property
    def declared_places(self) -> dict[PropertyPath, str]:
        """The locations of declared buckets by the path of the property, as far as they are known."""
        places = known(self.bucket_places) or {}
        return {tuple(map(snake, key.split("."))): place for key, place in places.items() if known(place)}


class NearDataTold(JobTold, BucketsTold):
    """The facts for a billed job whose data should be in its location."""
