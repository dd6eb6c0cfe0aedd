"""The tuned model that a continued job starts from, as Google has it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.preflight.facts import Fact, Known, TunedParent
from pulumi_gcp_tuning.resources.core.labels import BASE_MODEL, base_model_label, effective_labels
from pulumi_gcp_tuning.resources.facts.surroundings import fact_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.resources.core.lifecycle import Call


def fetch_parent(call: Call, name: str, catalogue: Catalogue, *, fresh: bool) -> Fact[TunedParent | None]:
    """The model of that name; Known(None) if there is none. One request for each run, or a new one if ``fresh``."""
    return fact_of(
        call,
        lambda: _parent_of(
            name,
            call.google.cached("parent", name, lambda: call.google.vertex_of(name).get_model(name), fresh=fresh),
            catalogue,
        ),
        subject=f"the model {name}",
        needs="aiplatform.models.get",
        absent=Known(None),
    )


def _parent_of(name: str, model: Mapping[str, Any], catalogue: Catalogue) -> TunedParent:
    made = model.get("versionCreateTime") or model.get("createTime")
    return TunedParent(
        name=name,
        key=(model.get("encryptionSpec") or {}).get("kmsKeyName"),
        base_model=_base_model_of(model, catalogue),
        tuned_on=datetime.fromisoformat(str(made)).date() if made else None,
        display_name=model.get("displayName"),
        checkpoints=tuple(str(each.get("checkpointId")) for each in model.get("checkpoints") or ()),
    )


def _base_model_of(model: Mapping[str, Any], catalogue: Catalogue) -> str | None:
    """The base model that Google names, else the model of the catalogue that Google's label means; None if neither is known."""
    source = (model.get("baseModelSource") or {}).get("genieSource") or {}
    if source.get("baseModelUri"):
        return str(source["baseModelUri"]).rpartition("/models/")[2]
    label = effective_labels(model).get(BASE_MODEL)
    return next((row for row in catalogue.models if label and base_model_label(row) == label), None)
