"""State that all resources of one process share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.clock import SystemClock
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.resources.core.board import board_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.core.seen import memo_of_this_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.config import Settings

_SHARED: Final = Once()


def shared_by(settings: Settings, cancelled: Callable[[], bool], operation: str | None = None) -> tuple[Google, Run]:
    """One Google and one Run per settings, so that facts are fetched once and all kinds of resource share their notes.

    ``operation`` is the address of the engine: all its runs and processes know what is in use.
    """
    return _SHARED.get(settings, lambda: (Google(settings, SystemClock(), cancelled=cancelled), _begun(operation)))


def _begun(operation: str | None) -> Run:
    run = Run()
    run.of(Holdings).share(board_of(operation, str(id(run))), memo_of_this_command())
    return run
