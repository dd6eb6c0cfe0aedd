"""What only the program knows of a resource, and tells in addition to what it declares.

A program of this package tells all that it knows, and says so with ``resourceUrn``: what is missing beside that is a no.
If nothing was told (another language, an import), everything here is *maybe*: no rule may take it for a no.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.inputs import Inputs, Text, known


@dataclass(frozen=True)
class Made:
    """Which inputs of a resource other resources of the same program make, perhaps in this run.

    ``keys`` are surely made, and ``complete`` says that no others are.
    """

    keys: frozenset[str] = frozenset()
    complete: bool = True

    def surely(self, key: str) -> bool:
        """Whether the program told that it makes this."""
        return key in self.keys

    def maybe(self, key: str) -> bool:
        """Whether the program makes this, or did not tell: that it is not there yet is no finding then."""
        return key in self.keys or not self.complete


NOTHING_MADE: Final = Made()
"""Once a resource is created, whatever the run makes for it is there."""


class CommonTold(Inputs):
    """What a program tells of every resource. A field that is None was not told, or is a no where ``is_told``."""

    resource_urn: Annotated[str | None, described("The resource's own URN; its identity is taken from it.")] = None
    from_resources: Annotated[
        list[Text] | None, described("Which inputs come from other resources of the program.")
    ] = None

    @property
    def is_told(self) -> bool:
        """Whether the program told what it knows."""
        return self.resource_urn is not None

    @property
    def made(self) -> Made:
        """Which inputs other resources of the program make; what was not told may be among them."""
        given = known(self.from_resources)
        if given is None:
            return Made(complete=self.is_told and self.from_resources is None)
        keys = frozenset(key for key in given if known(key) is not None)
        return Made(keys, complete=len(keys) == len(set(given)))


class LabelledTold(CommonTold):
    """What a program tells of a resource with labels."""

    secret_labels: Annotated[bool | None, described("Whether the labels are a secret.")] = None


class JobTold(LabelledTold):
    """What a program tells of a billed job."""

    after_jobs: Annotated[
        list[Text] | None, described("The jobs of the program that have ended before this one begins.")
    ] = None

    @property
    def before(self) -> tuple[str, ...] | None:
        """The URNs of the jobs that have ended before this one begins; None if nobody told: any may have."""
        given = known(self.after_jobs)
        if given is None:
            return () if self.is_told and self.after_jobs is None else None
        return tuple(given) if all(known(each) is not None for each in given) else None
