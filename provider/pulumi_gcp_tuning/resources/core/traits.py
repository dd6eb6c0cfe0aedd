"""What a resource says about itself, besides its functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pulumi_gcp_tuning.resources.core import claims
from pulumi_gcp_tuning.resources.core.holdings import Recognised
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What the frame has to know about a kind of resource besides its functions and descriptions.

    ``noun`` is its name in messages, ``costs`` a sentence about the cost of one left at Google. ``shared`` says that
    several resources may have one id; each delete then gives up only its own share. ``fill_in`` adds the inputs that
    follow from others; it is pure. ``marks`` reads the owner that the object of an entry names, for kinds that can carry
    a claim. It returns None if the entry has no object yet and raises NotFound if the object is gone. ``reclaim`` writes
    the entry's claim onto its object, whoever owns it; an entry without one removes it, and another owner's identity.
    ``recognised`` says how to recognise an object of a kind that carries no claim.
    """

    noun: str
    costs: str
    shared: bool = False
    fill_in: Callable[[Properties], Properties] = dict
    marks: Callable[[Call, str, Properties], claims.Marks | None] | None = None
    reclaim: Callable[[Call, str, Properties], object] | None = None
    recognised: Recognised | None = None
