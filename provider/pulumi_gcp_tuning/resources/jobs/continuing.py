"""Continuous tuning: a job that starts from a tuned model in place of a base model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BeforeValidator

from pulumi_gcp_tuning.names import MalformedName, ModelName
from pulumi_gcp_tuning.preflight import continuing
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Known, NotAsked, TunedParent
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import checks_on
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.inputs import Inputs, known, whole_as_text
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.facts.parents import fetch_parent

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Method
    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.core.told import Made
    from pulumi_gcp_tuning.wording import PropertyPath

UNKNOWN_PARENT: Final = NotAsked("the model that it trains on from")


class PreTunedModel(Inputs):
    """The tuned model that a continued job trains on from."""

    tuned_model_name: Annotated[
        str,
        described(
            "The model, with its version; without one Google takes the default version.",
            form="`projects/P/locations/L/models/M@V`, which is `versioned_model` of a TunedModel",
            names="model",
            comes_from="TunedModel",
        ),
    ]
    checkpoint_id: Annotated[
        str | None,
        BeforeValidator(whole_as_text),
        described("The checkpoint to start from.", default="the model's default checkpoint", accepts="int | str"),
    ] = None


@dataclass(frozen=True)
class Start:
    """What a job starts from.

    ``base_model`` is None if it is not known yet. ``path`` is the property that decides it. ``parent`` is the tuned
    model of a continued job, and ``name`` its name.
    """

    base_model: str | None
    path: PropertyPath = ("base_model",)
    method: Method = "SUPERVISED"
    name: str | None = None
    checkpoint: str | None = None
    parent: Fact[TunedParent | None] | None = None

    @property
    def is_unknown_parent(self) -> bool:
        """Whether only apply will know the model that the job trains on from."""
        return isinstance(self.parent, NotAsked)

    @property
    def result_location(self) -> str | None:
        """The location of the parent, which is that of the results; None for a job that starts from a base model."""
        try:
            return ModelName.parse(self.name).location if self.name else None
        except MalformedName:
            return None

    def tell(self, display_name: str | None) -> list[str]:
        """A line about the model that a continued job will make, if its parent is known."""
        if not isinstance(self.parent, Known) or self.parent.value is None:
            return []
        model, whole = self.parent.value, str(self.name).partition("@")[0]
        adds = display_name is None or display_name == model.display_name
        makes = f"adds a version to {whole}" if adds else f"makes a new model {display_name!r}"
        return [f"trains on from {self.name} ({model.base_model or 'its base model is not known'}), and {makes}"]


def start_of(
    call: Call,
    base_model: str | None,
    pre_tuned_model: PreTunedModel | None,
    made: Made,
    checks: dict[str, str] | None,
    *,
    ask: bool,
    creating: bool,
) -> Start:
    """What a job starts from. Google is asked for a parent if ``ask``, and again if ``creating``.

    A parent that the program may still make is not known yet.
    """
    if pre_tuned_model is None or base_model is not None:
        return Start(known(base_model))
    given: object = pre_tuned_model
    name = None if given is UNKNOWN else known(pre_tuned_model.tuned_model_name)
    checkpoint = None if given is UNKNOWN else known(pre_tuned_model.checkpoint_id)
    parent: Fact[TunedParent | None] = UNKNOWN_PARENT if name is None else NOT_ASKED
    asks = ask and "existence" in checks_on(call.settings, known(checks))
    if name is not None and asks and not continuing.check_parent_name(name):
        parent = fetch_parent(call, name, catalogue_of(call.settings), fresh=creating)
        if parent == Known(None) and not creating and made.maybe("preTunedModel"):
            parent = UNKNOWN_PARENT
    base = parent.value.base_model if isinstance(parent, Known) and parent.value is not None else None
    return Start(base, continuing.PARENT, "CONTINUOUS", name, checkpoint, parent)


def check_start_of(
    start: Start,
    base_model: object,
    pre_tuned_model: object,
    region: str | None,
    result_location: str | None,
    *,
    key_name: str | None,
    key_known: bool,
) -> list[Finding]:
    """The findings about what a job starts from, except those about its base model."""
    findings = continuing.check_start(base_model, pre_tuned_model) + continuing.check_parent_name(start.name)
    if findings or start.name is None or start.parent is None:
        return findings
    return continuing.check_parent(
        start.name, start.parent, start.checkpoint, region, result_location, key_name=key_name, key_known=key_known
    )
