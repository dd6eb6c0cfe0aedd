"""The catalogue of a run: the shipped one, overridden by the user's own rows if the settings name some."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.catalog.override import CONFIG_KEY, override_from

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.config import Settings


def catalogue_of(settings: Settings) -> Catalogue:
    """The catalogue. A relative path starts at the folder of Pulumi.yaml. Raises Refused for unusable rows."""
    return _load(settings.catalogue) if settings.catalogue else catalog.shipped()


def project_root(start: Path | None = None) -> Path:
    """The folder of Pulumi.yaml, even if the process runs in a subfolder."""
    here = start or Path.cwd()
    return next((each for each in (here, *here.parents) if (each / "Pulumi.yaml").is_file()), here)


@cache
def _load(text: str) -> Catalogue:
    given = override_from({CONFIG_KEY: text}, {})
    return catalog.Catalogue.load(project_root() / given if isinstance(given, Path) else given)
