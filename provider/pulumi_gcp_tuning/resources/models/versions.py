"""Versions of a model. Continuous tuning adds one to the model of its parent.

Each version has labels of its own, so each belongs to the entry that took it over. Every read, write and delete of a
model therefore names a version. The first version is the model of a job that started from a base model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.names import MalformedName, ModelName

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

FIRST: Final = "1"
_FIRST_TOO: Final = (None, "", "default")
"""A name without a version is that of a model with one version: Google gives its name so in lists and pipelines."""


def model_key(name: str) -> str:
    """A model's location and id, without the version."""
    read = ModelName.parse(name)
    return f"{read.location}/{read.model}"


def version_key(name: str) -> str:
    """A version's location, model and number. The project is left out, because Google answers with its number."""
    version = ModelName.parse(name).version
    return f"{model_key(name)}@{FIRST if version in _FIRST_TOO else version}"


def versioned_name(model: Mapping[str, Any]) -> str:
    """A model's name with the version in Google's answer, because a delete applies to that version."""
    name, version = str(model["name"]), model.get("versionId")
    return name if not version or "@" in name else f"{name}@{version}"


def is_version(model: Mapping[str, Any], name: str) -> bool:
    """Whether Google's answer is the version of that name, whatever the spelling of the project."""
    return version_key(versioned_name(model)) == version_key(name)


def serves(deployed: Mapping[str, Any], name: str) -> bool:
    """Whether the deployment is of that version. One that does not say its version counts, as Google always gives it.

    Others may deploy models that are not in Vertex AI.
    """
    try:
        read = ModelName.parse(str(deployed.get("model", "")))
    except MalformedName:
        return False
    version = deployed.get("modelVersionId") or read.version
    if model_key(str(read)) != model_key(name):
        return False
    return not version or version_key(str(read.at(str(version)))) == version_key(name)


def list_versions(call: Call, name: str) -> list[Mapping[str, Any]]:
    """All versions of the model of that name, as Google has them. Raises NotFound if the model is gone."""
    whole = str(ModelName.parse(name).unversioned)
    return list(call.google.vertex_of(name).list_model_versions(whole))


def shown_name(model: Mapping[str, Any]) -> str:
    """A model's name in messages, with a version only if it is not the first."""
    return versioned_name(model).removesuffix(f"@{FIRST}")
