"""Key rings and keys. Neither can be deleted: destroy drops them from state, as the real plugin does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

from tuning_sandbox.gcp_plugin.api import ApiError, Json, StandInError
from tuning_sandbox.gcp_plugin.resource import Change, Context, Failure, Prop, Resource, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuning_sandbox.gcp_plugin.values import Properties

PURPOSES = ("ENCRYPT_DECRYPT", "ASYMMETRIC_SIGN", "ASYMMETRIC_DECRYPT", "RAW_ENCRYPT_DECRYPT", "MAC")
_TAKEN = (
    "KMS never deletes a {kind}, so one that an earlier stack made still exists. Give it another name, leave `name` out "
    "(Pulumi then makes a fresh one), or take it over with the resource option import_={name!r}."
)


class KeyRing(Resource):
    """gcp.kms.KeyRing."""

    type_name = "gcp:kms/keyRing:KeyRing"
    inputs = (
        Prop("location", required=True, forces_new=True),
        Prop("name", forces_new=True),
        Prop("project", forces_new=True),
    )

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        project = context.settings.require_project(inputs)
        parent = f"projects/{project}/locations/{inputs['location']}"
        name = f"{parent}/keyRings/{inputs['name']}"
        try:
            context.api.post(f"/v1/{parent}/keyRings", {}, keyRingId=inputs["name"])
        except ApiError as error:
            raise _creating("KeyRing", name, error) from None
        return name, {"location": inputs["location"], "name": inputs["name"], "project": project}

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        full = full_name(resource_id, ("projects", "locations", "keyRings"), context)
        if context.api.find(f"/v1/{full}") is None:
            return None
        _, project, _, location, _, name = full.split("/")
        return full, {"location": location, "name": name, "project": project}

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        raise StandInError("a KeyRing has nothing that can be updated.")

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        return (
            f"KMS KeyRing resources cannot be deleted. The KeyRing {resource_id} has been removed from Pulumi's state "
            "but still exists."
        )


class CryptoKey(Resource):
    """gcp.kms.CryptoKey."""

    type_name = "gcp:kms/cryptoKey:CryptoKey"
    has_project = False
    labelled = True
    computed = (
        "effectiveLabels",
        "primaries",
        "pulumiLabels",
        "destroyScheduledDuration",
        "versionTemplate",
        "importOnly",
    )
    secret_outputs = ("effectiveLabels", "pulumiLabels")
    inputs = (
        Prop("keyRing", required=True, forces_new=True),
        Prop("name", forces_new=True),
        Prop("purpose", default="ENCRYPT_DECRYPT", forces_new=True, choices=PURPOSES),
        Prop("labels", dict),
        Prop("rotationPeriod"),
        Prop("versionTemplate", dict),
        Prop("destroyScheduledDuration", forces_new=True),
        Prop("importOnly", bool, forces_new=True),
        Prop("skipInitialVersionCreation", bool, forces_new=True),
        Prop("cryptoKeyBackend", forces_new=True, inert=True),
        Prop("keyAccessJustificationsPolicy", dict, inert=True),
        Prop("deletionPolicy", default="DELETE", choices=("DELETE", "ABANDON", "PREVENT")),
    )

    @override
    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        ring = inputs.get("keyRing")
        if isinstance(ring, str) and len(ring.split("/")) not in (2, 3, 6):
            yield Failure("keyRing", f"expected projects/P/locations/L/keyRings/R, got {ring!r}")
        period = inputs.get("rotationPeriod")
        if isinstance(period, str) and (not period.endswith("s") or _seconds(period) < 86_400):
            yield Failure("rotationPeriod", f"expected seconds like 7776000s, at least a day (86400s), got {period!r}")

    @override
    def changes(
        self, state: Properties, old_inputs: Properties, news: Properties, settings: Settings
    ) -> dict[str, Change]:
        found = super().changes(state, old_inputs, news, settings)
        level = (news.get("versionTemplate") or {}).get("protectionLevel")
        if "versionTemplate" in found and level not in (None, state.get("versionTemplate", {}).get("protectionLevel")):
            found["versionTemplate"] = Change("update", replaces=True)
        return found

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        ring = full_name(inputs["keyRing"], ("projects", "locations", "keyRings"), context)
        labels = self.label_outputs(inputs, context.settings, {})
        body = _to_wire(inputs) | {"labels": labels["effectiveLabels"]}
        skip = {"skipInitialVersionCreation": "true"} if inputs.get("skipInitialVersionCreation") else {}
        name = f"{ring}/cryptoKeys/{inputs['name']}"
        try:
            wire = context.api.post(f"/v1/{ring}/cryptoKeys", body, cryptoKeyId=inputs["name"], **skip)
        except ApiError as error:
            raise _creating("CryptoKey", name, error) from None
        return name, self._outputs(wire, {**inputs, **labels})

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        full = full_name(resource_id, ("projects", "locations", "keyRings", "cryptoKeys"), context)
        wire = context.api.find(f"/v1/{full}")
        return None if wire is None else (full, self._outputs(wire, state))

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        labels = self.label_outputs(inputs, context.settings, state)
        body: Json = {"labels": labels["effectiveLabels"]}
        mask = ["labels"]
        if inputs.get("rotationPeriod") != state.get("rotationPeriod"):
            body |= {
                key: value for key, value in _to_wire(inputs).items() if key in ("rotationPeriod", "nextRotationTime")
            }
            mask += ["rotationPeriod", "nextRotationTime"]
        template = inputs.get("versionTemplate")
        if template and template.get("algorithm") != state.get("versionTemplate", {}).get("algorithm"):
            body["versionTemplate"] = {"algorithm": template["algorithm"]}
            mask.append("versionTemplate.algorithm")
        wire = context.api.patch(f"/v1/{resource_id}", body, updateMask=",".join(mask))
        return self._outputs(wire, {**inputs, **labels})

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        versions = _all_versions(context, resource_id)
        for version in versions:
            if version["state"] not in ("DESTROYED", "DESTROY_SCHEDULED"):
                context.api.post(f"/v1/{version['name']}:destroy")
        if state.get("rotationPeriod"):
            context.api.patch(f"/v1/{resource_id}", {}, updateMask="rotationPeriod,nextRotationTime")
        return (
            f"KMS CryptoKey resources cannot be deleted. The CryptoKey {resource_id} has been removed from Pulumi's "
            "state and its versions are scheduled for destruction, but it still exists."
        )

    def _outputs(self, wire: Json, state: Properties) -> Properties:
        ring, _, name = wire["name"].partition("/cryptoKeys/")
        primary = wire.get("primary")
        outputs: Properties = {
            "keyRing": ring,
            "name": name,
            "purpose": wire["purpose"],
            "destroyScheduledDuration": wire.get("destroyScheduledDuration"),
            "importOnly": bool(wire.get("importOnly", False)),
            "versionTemplate": wire.get("versionTemplate"),
            "primaries": [{"name": primary["name"], "state": primary["state"]}] if primary else [],
            "deletionPolicy": state.get("deletionPolicy", "DELETE"),
            **self.labels_from_wire(wire, state),
        }
        if wire.get("rotationPeriod"):
            outputs["rotationPeriod"] = wire["rotationPeriod"]
        for kept in ("skipInitialVersionCreation", "cryptoKeyBackend", "keyAccessJustificationsPolicy"):
            if kept in state:
                outputs[kept] = state[kept]
        return outputs


def full_name(text: str, collections: tuple[str, ...], context: Context) -> str:
    """The full resource name of the short forms that an import accepts: [PROJECT/]LOCATION/RING[/KEY]."""
    parts = [part for part in text.split("/") if part]
    if len(parts) == 2 * len(collections) and tuple(parts[::2]) == collections:
        return "/".join(parts)
    if len(parts) == len(collections) - 1:
        parts = [context.settings.require_project({}), *parts]
    if len(parts) != len(collections):
        wanted = "/".join(f"{name}/{name[:-1].upper()}" for name in collections)
        raise StandInError(f"cannot read {text!r}: expected {wanted}.")
    return "/".join(f"{collection}/{part}" for collection, part in zip(collections, parts, strict=True))


def _all_versions(context: Context, key: str) -> list[Json]:
    found: list[Json] = []
    token = ""
    while True:
        page = context.api.find(f"/v1/{key}/cryptoKeyVersions", **({"pageToken": token} if token else {})) or {}
        found += page.get("cryptoKeyVersions", [])
        token = page.get("nextPageToken", "")
        if not token:
            return found


def _to_wire(inputs: Properties) -> Json:
    body: Json = {"purpose": inputs["purpose"]}
    for name in ("versionTemplate", "destroyScheduledDuration", "importOnly"):
        if inputs.get(name):
            body[name] = inputs[name]
    if period := inputs.get("rotationPeriod"):
        body["rotationPeriod"] = period
        first = datetime.now(UTC) + timedelta(seconds=_seconds(period))
        body["nextRotationTime"] = first.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return body


def _seconds(text: str) -> float:
    try:
        return float(text.removesuffix("s"))
    except ValueError:
        return -1.0


def _creating(kind: str, name: str, error: ApiError) -> Exception:
    if error.status == 409:
        return StandInError(f"Error creating {kind}: {error}. {_TAKEN.format(kind=kind, name=name)}")
    return StandInError(f"Error creating {kind}: {error}")
