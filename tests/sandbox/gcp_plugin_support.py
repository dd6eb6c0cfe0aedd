"""What the tests of the stand-in share: the calls that the engine makes, without the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from pulumi.runtime.proto import provider_pb2

from tuning_sandbox.gcp_plugin.api import Api
from tuning_sandbox.gcp_plugin.engine import Engine
from tuning_sandbox.gcp_plugin.servicer import GcpStandIn
from tuning_sandbox.gcp_plugin.values import from_struct, to_struct

if TYPE_CHECKING:
    import grpc


KEY = "gcp:kms/cryptoKey:CryptoKey"
RING = "gcp:kms/keyRing:KeyRing"
BUCKET = "gcp:storage/bucket:Bucket"
ACCOUNT = "gcp:serviceaccount/account:Account"
GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
ATTRIBUTION = {"goog-pulumi-provisioned": "true"}
RING_NAME = "projects/shop/locations/us-central1/keyRings/ring"


class Aborted(Exception):
    pass


class Context:
    def abort(self, code: grpc.StatusCode, details: str) -> NoReturn:
        raise Aborted(details)


class Warnings(Engine):
    """Keeps what the engine would show."""

    def __init__(self) -> None:
        super().__init__("")
        self.shown: list[str] = []

    def warn(self, message: str, urn: str) -> None:
        self.shown.append(message)


class Provider:
    """The calls that the engine makes, with plain values."""

    def __init__(self, url: str, **config: Any) -> None:
        self.engine = Warnings()
        self.servicer = GcpStandIn(Api(url), self.engine, {})
        args = to_struct({"project": "shop", "region": "us-central1", **config})
        self.call("Configure", provider_pb2.ConfigureRequest(args=args))

    def call(self, method: str, request: Any) -> Any:
        return getattr(self.servicer, method)(request, Context())

    def check(self, token: str, news: dict[str, Any], olds: dict[str, Any] | None = None, **options: Any) -> Any:
        request = provider_pb2.CheckRequest(
            urn=f"urn:pulumi:dev::toy::{token}::Thing", news=to_struct(news), olds=to_struct(olds or {}), **options
        )
        return self.call("Check", request)

    def inputs(self, token: str, news: dict[str, Any], **options: Any) -> dict[str, Any]:
        checked = self.check(token, news, **options)
        assert not checked.failures, checked.failures
        return from_struct(checked.inputs)[0]

    def create(self, token: str, news: dict[str, Any], *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        request = provider_pb2.CreateRequest(
            urn=f"urn:pulumi:dev::toy::{token}::Thing", properties=to_struct(self.inputs(token, news)), preview=preview
        )
        made = self.call("Create", request)
        return made.id, from_struct(made.properties)[0]

    def diff(self, token: str, state: dict[str, Any], olds: dict[str, Any], news: dict[str, Any]) -> Any:
        inputs = self.inputs(token, news, olds=self.inputs(token, olds))
        request = provider_pb2.DiffRequest(
            urn=f"urn:pulumi:dev::toy::{token}::Thing",
            olds=to_struct(state),
            old_inputs=to_struct(self.inputs(token, olds)),
            news=to_struct(inputs),
        )
        return self.call("Diff", request)

    def read(self, token: str, resource_id: str, state: dict[str, Any] | None = None) -> Any:
        request = provider_pb2.ReadRequest(
            id=resource_id, urn=f"urn:pulumi:dev::toy::{token}::Thing", properties=to_struct(state or {})
        )
        return self.call("Read", request)

    def delete(self, token: str, resource_id: str, state: dict[str, Any]) -> None:
        request = provider_pb2.DeleteRequest(
            id=resource_id, urn=f"urn:pulumi:dev::toy::{token}::Thing", properties=to_struct(state)
        )
        self.call("Delete", request)
