"""The calls that resources make to Google. :class:`~pulumi_gcp_tuning.google.Google` implements them; a test may replace it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.object_reading import OpenObject
    from pulumi_gcp_tuning.google.operations import Json, Wait
    from pulumi_gcp_tuning.google.storage import Uploaded

T = TypeVar("T")


class JobsApi(Protocol):
    """A collection of billed jobs; see ``jobs.py``."""

    def create(self, parent: str, body: Json, /, *, job_id: str | None = None) -> Json:
        """Submits a job. ``job_id`` is its id where the client chooses it; without an id the request is never sent twice."""

    def get(self, name: str, /) -> Json:
        """The current state of the job."""

    def read(self, name: str, /) -> Json:
        """The job, at most ten seconds old."""

    def list(self, parent: str, /) -> Iterator[Json]:
        """All jobs of a project and location."""

    def cancel(self, name: str, /) -> None:
        """Requests a cancel."""

    def delete(self, name: str, /, *, wait: Wait | None = None) -> None:
        """Deletes the record of a job that is over, where Google deletes records."""

    def poll(
        self, name: str, /, *, timeout: float | None, cancelled: Callable[[], bool], on_change: Callable[[Json], None]
    ) -> Json:
        """The job once it is over."""


class ModelsApi(Protocol):
    """Models; see ``models.py``."""

    def get_model(self, name: str, /) -> Json:
        """A model, or one of its versions."""

    def list_models(self, parent: str, /, filter: str | None = None) -> Iterator[Json]:  # noqa: A002
        """All models that match Google's filter."""

    def list_model_versions(self, name: str, /) -> Iterator[Json]:
        """All versions of a model."""

    def patch_model(self, name: str, body: Json, mask: list[str], /) -> Json:
        """Changes the fields of the mask."""

    def delete_model(self, name: str, /, *, wait: Wait | None = None) -> None:
        """Deletes a model with all versions."""

    def delete_model_version(self, name: str, /, *, wait: Wait | None = None) -> None:
        """Deletes one version."""


class EndpointsApi(Protocol):
    """Endpoints and the models deployed on them; see ``endpoints.py``."""

    def get_endpoint(self, name: str, /) -> Json:
        """An endpoint with its deployed models."""

    def list_endpoints(self, parent: str, /) -> Iterator[Json]:
        """All endpoints of a project and location."""

    def create_endpoint(self, parent: str, body: Json, endpoint_id: str | None, /, *, wait: Wait | None) -> Json:
        """Creates an endpoint and returns it once it exists."""

    def patch_endpoint(self, name: str, body: Json, mask: list[str], /) -> Json:
        """Changes the fields of the mask."""

    def delete_endpoint(self, name: str, /, *, wait: Wait | None = None) -> None:
        """Deletes an empty endpoint."""

    def deploy_model(
        self, endpoint: str, deployed_model: Json, traffic_split: dict[str, int], /, *, wait: Wait | None
    ) -> Json:
        """Deploys a model and returns the deployed model once it serves."""

    def undeploy_model(
        self,
        endpoint: str,
        deployed_model_id: str,
        traffic_split: dict[str, int] | None = None,
        /,
        *,
        wait: Wait | None = None,
    ) -> None:
        """Undeploys a model."""


class VertexApi(ModelsApi, EndpointsApi, Protocol):
    """Vertex AI in one location."""

    @property
    def tuning_jobs(self) -> JobsApi:
        """Tuning jobs; see ``tuning_jobs.py``."""

    @property
    def pipeline_jobs(self) -> JobsApi:
        """Pipelines; see ``pipeline_jobs.py``."""

    def get_tensorboard(self, name: str, /) -> Json:
        """A TensorBoard instance."""

    def read_experiment(self, name: str, /) -> dict[str, dict[int, float]]:
        """The values of an experiment of a TensorBoard instance, by series and step."""

    def count_tokens(self, target: str, contents: Sequence[Json], /) -> int:
        """The number of tokens of the contents for a model."""

    def deploy_weights(self, parent: str, body: Json, /) -> Json:
        """Begins to deploy weights in Cloud Storage on a machine; see ``model_garden.py``."""

    def await_weights(self, operation: str, wait: Wait, /) -> Json | None:
        """The error that such an operation ended in, once it has ended."""


class StorageApi(Protocol):
    """Cloud Storage; see ``storage.py``."""

    def get_bucket(self, name: str, /) -> Json:
        """A bucket's metadata."""

    def get_bucket_policy(self, bucket: str, /) -> Json:
        """The IAM policy on a bucket."""

    def test_permissions(self, bucket: str, permissions: tuple[str, ...], /) -> frozenset[str]:
        """The subset of the permissions that the caller has."""

    def get_object(self, bucket: str, name: str, /, *, user_project: str | None = None) -> Json:
        """The metadata of the live object."""

    def list_objects(self, bucket: str, prefix: str, /) -> Iterator[Json]:
        """The metadata of the objects whose names begin with the prefix."""

    def open_object(self, bucket: str, name: str, /, *, user_project: str | None = None) -> OpenObject:
        """The content as a binary file."""

    def upload_object(
        self,
        bucket: str,
        name: str,
        path: Path,
        /,
        *,
        sha256: str | None = None,
        if_generation_match: int = 0,
        kms_key_name: str | None = None,
        metadata: Mapping[str, str] | None = None,
        user_project: str | None = None,
    ) -> Uploaded:
        """Uploads a file, never over an existing object."""

    def patch_object(
        self,
        bucket: str,
        name: str,
        body: Json,
        /,
        *,
        if_metageneration_match: str | None = None,
        user_project: str | None = None,
    ) -> Json:
        """Changes an object's metadata."""

    def delete_object(
        self,
        bucket: str,
        name: str,
        generation: str | None = None,
        /,
        *,
        if_metageneration_match: str | None = None,
        user_project: str | None = None,
    ) -> None:
        """Deletes an object."""


class KmsApi(Protocol):
    """Cloud KMS."""

    def get_crypto_key(self, name: str, /) -> Json:
        """A key."""

    def get_crypto_key_iam_policy(self, name: str, /) -> Json:
        """Who may use a key."""

    def get_key_ring_iam_policy(self, name: str, /) -> Json:
        """Who may use any key of a ring."""


class ProjectsApi(Protocol):
    """Resource Manager."""

    def get_project(self, project: str, /) -> Json:
        """A project by id or number."""

    def get_iam_policy(self, project: str, /) -> Json:
        """The IAM policy of a project."""

    def test_iam_permissions(self, project: str, permissions: Sequence[str], /) -> frozenset[str]:
        """The subset of the permissions that the caller has."""


class ServicesApi(Protocol):
    """Service Usage."""

    def get_services(self, project: str, services: Sequence[str], /) -> list[Json]:
        """Whether APIs are enabled."""


class QuotasApi(Protocol):
    """Cloud Quotas."""

    def list_quota_infos(self, project: str, /) -> list[Json]:
        """The quotas of Vertex AI."""


class BillingApi(Protocol):
    """Cloud Billing."""

    def get_billing_info(self, project: str, /) -> Json:
        """Whether billing is enabled for a project."""


class OrgPoliciesApi(Protocol):
    """Organization Policy."""

    def get_effective_policy(self, project: str, constraint: str, /) -> Json:
        """The effective policy of a constraint in a project."""


class ServiceAccountsApi(Protocol):
    """IAM."""

    def get_service_account(self, email: str, /) -> Json:
        """A service account."""

    def get_account_policy(self, email: str, /) -> Json:
        """The IAM policy on an account."""

    def may_act_as(self, email: str, /) -> bool:
        """Whether the caller may run something as this account."""


class TunedModelsApi(Protocol):
    """Tuned models of the Gemini API; see ``gemini_api.py``."""

    def create(self, tuned_model_id: str, body: Json, /) -> Json:
        """Starts to tune a model under an id of our choosing; the operation."""

    def get(self, name: str, /) -> Json:
        """A tuned model."""

    def list(self, /) -> Iterator[Json]:
        """The caller's tuned models."""

    def patch(self, name: str, body: Json, mask: Sequence[str], /) -> Json:
        """Changes the fields of the mask."""

    def delete(self, name: str, /) -> None:
        """Deletes a tuned model, also one that is being created."""

    def get_operation(self, name: str, /) -> Json:
        """The operation of a create."""


class GoogleApi(Protocol):
    """Google as resources see it; one object for all threads of a run."""

    @property
    def storage(self) -> StorageApi:
        """Cloud Storage."""

    @property
    def kms(self) -> KmsApi:
        """Cloud KMS."""

    @property
    def projects(self) -> ProjectsApi:
        """Resource Manager."""

    @property
    def services(self) -> ServicesApi:
        """Service Usage."""

    @property
    def quotas(self) -> QuotasApi:
        """Cloud Quotas."""

    @property
    def billing(self) -> BillingApi:
        """Cloud Billing."""

    @property
    def org_policies(self) -> OrgPoliciesApi:
        """Organization Policy."""

    @property
    def service_accounts(self) -> ServiceAccountsApi:
        """IAM."""

    @property
    def tuned_models(self) -> TunedModelsApi:
        """Tuned models of the Gemini API."""

    def vertex(self, location: str, /) -> VertexApi:
        """Vertex AI at the host of a location."""

    def vertex_of(self, name: str, /) -> VertexApi:
        """Vertex AI at the host of the location in a resource name."""

    def cached(self, kind: str, name: str, fetch: Callable[[], T], /, *, fresh: bool = False) -> T:
        """A fact that is fetched once per run."""

    def now(self) -> datetime:
        """The time by Google's last answer; that of the machine before the first."""

    def warm(self) -> None:
        """Starts importing what a write needs."""
