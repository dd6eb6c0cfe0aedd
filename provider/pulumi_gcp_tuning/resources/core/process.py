"""What all resources of one process share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.clock import SystemClock
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.resources.core.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.config import Settings

_SHARED: Final = Once()


def shared_by(settings: Settings, cancelled: Callable[[], bool]) -> tuple[Google, Run]:
    """One Google and one Run for each settings: facts are fetched once, and all kinds know of each other."""
    return _SHARED.get(settings, lambda: (Google(settings, SystemClock(), cancelled=cancelled), Run()))
