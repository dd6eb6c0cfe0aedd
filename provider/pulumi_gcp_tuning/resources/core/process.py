"""What all resources of one process share, whichever door calls them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.clock import SystemClock
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.resources.core.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.config import Settings

_shared: Final[list[tuple[Settings, Google, Run]]] = []
_lock: Final = threading.Lock()


def shared_by(settings: Settings, cancelled: Callable[[], bool]) -> tuple[Google, Run]:
    """One Google and one Run for each settings: facts are fetched once, and all kinds know of each other."""
    with _lock:
        for known, google, run in _shared:
            if known == settings:
                return google, run
        google, run = Google(settings, SystemClock(), cancelled=cancelled), Run()
        _shared.append((settings, google, run))
        return google, run
