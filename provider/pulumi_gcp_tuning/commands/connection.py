"""The settings of a command or a function, and its connection to Google."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.clock import Clock, SystemClock
from pulumi_gcp_tuning.config import Settings

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google import Google


@dataclass(frozen=True)
class Connection:
    """Google's APIs under some settings. ``clock`` sleeps between reads."""

    settings: Settings
    google: Google
    clock: Clock

    def now(self) -> datetime:
        """The time at Google: the ages of things are told by it."""
        return self.google.now()


def connect(project: str | None = None, region: str | None = None, *, clock: Clock | None = None) -> Connection:
    """A connection: the arguments first, then the environment. Sends nothing. Raises Refused for a value that cannot be used."""
    return connect_with(settings_of(project, region), clock=clock)


def connect_with(settings: Settings, *, clock: Clock | None = None) -> Connection:
    """A connection with these settings."""
    return Connection(settings, google_of(settings), clock or SystemClock())


def settings_of(project: str | None, location: str | None) -> Settings:
    """The settings: options first, then the environment. Raises Refused for a value that cannot be used."""
    given = {"gcp:project": project, "gcp:region": location}
    return Settings.resolve({key: value for key, value in given.items() if value}, os.environ)


def google_of(settings: Settings) -> Google:
    """Google's APIs under these settings."""
    from pulumi_gcp_tuning.google import Google

    return Google(settings)
