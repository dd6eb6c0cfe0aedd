"""A resource that is made from a local file: what only the program knows of it. Written by hand."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pulumi
from pulumi import Output

from pulumi_gcp_tuning.declare.arguments import WrongArgumentError
from pulumi_gcp_tuning.declare.resource import TuningResource
from pulumi_gcp_tuning.regular_files import open_regular

Source = str | os.PathLike[str] | pulumi.FileAsset


class LocalFile(TuningResource):
    """Base of a resource whose input ``source`` is a local file."""

    def declared(self, wired: dict[str, Any]) -> dict[str, Any]:
        """Adds what the provider cannot see: where the file is, seen from where, and what is in it.

        The door takes ``projectRoot`` out again before state is written, because it differs from machine to machine.
        """
        source = wired.pop("source", None)
        if isinstance(source, Output):
            described = source.apply(describe_source)
            return wired | {
                "source": described.apply(lambda found: found["source"]),
                "contentSha256": described.apply(lambda found: found.get("contentSha256")),
                "projectRoot": str(_project_root()),
            }
        if source is None:
            return wired
        return wired | describe_source(source) | {"projectRoot": str(_project_root())}

    def ignored(self, keys: list[str]) -> list[str]:
        """Who ignores the file ignores what is in it: without that, another content would be another object and another job."""
        return list(dict.fromkeys([*keys, "contentSha256"])) if "source" in keys else keys


def describe_source(source: Source) -> dict[str, str]:
    """Where the file is, seen from the project's root, and what is in it; the latter only where it can be read."""
    given = source.path if isinstance(source, pulumi.FileAsset) else source
    if not isinstance(given, str | os.PathLike):
        raise WrongArgumentError(f"source: expected a path or a pulumi.FileAsset, got a {type(given).__name__}.")
    file = Path.cwd() / os.fspath(given)
    root = _project_root()
    described = {"source": Path(os.path.relpath(file, root)).as_posix()}
    try:
        with open_regular(file) as stream:
            described["contentSha256"] = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        pass  # the check of the resource says so, together with its other findings
    return described


def _project_root() -> Path:
    try:
        root = pulumi.runtime.get_root_directory()
    except Exception:  # noqa: BLE001  # outside of a Pulumi program (a unit test with mocks) there is no root
        root = ""
    return Path(root) if root and Path(root).is_absolute() else Path.cwd()
