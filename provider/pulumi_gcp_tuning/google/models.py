"""projects.locations.models: the models that tuning jobs make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pulumi_gcp_tuning.google.operations import Json, Wait
    from pulumi_gcp_tuning.google.vertex_wire import VertexWire


class ModelCalls:
    """The models of one location."""

    _wire: VertexWire

    def get_model(self, name: str) -> Json:
        """A model, or one of its versions if the name has ``@``."""
        return self._wire.get(name, shapes.MODEL)

    def list_models(self, parent: str, filter: str | None = None) -> Iterator[Json]:  # noqa: A002
        """All models that match Google's filter."""
        yield from self._wire.items(f"{parent}/models", "models", shapes.MODELS, {"pageSize": 100, "filter": filter})

    def list_model_versions(self, name: str) -> Iterator[Json]:
        """All versions of a model; its name has no version."""
        yield from self._wire.items(f"{name}:listVersions", "models", shapes.MODELS, {"pageSize": 100})

    def patch_model(self, name: str, body: Json, mask: str | Sequence[str]) -> Json:
        """Changes displayName, description, labels, versionDescription or (on ``M@V``) defaultCheckpointId."""
        fields = {"model": {**body, "name": name}, "updateMask": mask if isinstance(mask, str) else ",".join(mask)}
        return self._wire.gapic.call(
            "ModelService", "update_model", "UpdateModelRequest", fields, shapes.MODEL, resend="idempotent"
        )

    def delete_model(self, name: str, *, wait: Wait | None = None) -> None:
        """Deletes a model with all versions and waits until it is deleted; Google refuses while any version is deployed."""
        operation = self._wire.gapic.call(
            "ModelService", "delete_model", "DeleteModelRequest", {"name": name}, shapes.OPERATION, resend="idempotent"
        )
        self._wire.finish(operation, wait, f"Deleting {name}")

    def delete_model_version(self, name: str, *, wait: Wait | None = None) -> None:
        """Deletes the version ``M@V``; Google refuses to delete the only version."""
        operation = self._wire.gapic.call(
            "ModelService",
            "delete_model_version",
            "DeleteModelVersionRequest",
            {"name": name},
            shapes.OPERATION,
            resend="idempotent",
        )
        self._wire.finish(operation, wait, f"Deleting {name}")
