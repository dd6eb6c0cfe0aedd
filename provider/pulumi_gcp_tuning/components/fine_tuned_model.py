"""A tuned Gemini model with all that it needs: roles, datasets, job, model, and an endpoint of your own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, overload

import pulumi
from pulumi import Input, Output

from pulumi_gcp_tuning.declare.arguments import Labels, Text, WrongArgumentError, arguments, fields_of, given_values
from pulumi_gcp_tuning.declare.endpoint import Endpoint
from pulumi_gcp_tuning.declare.model_deployment import ModelDeployment
from pulumi_gcp_tuning.declare.resource import args_and_opts, naming
from pulumi_gcp_tuning.declare.shared import EncryptionSpecArgs, EncryptionSpecArgsDict
from pulumi_gcp_tuning.declare.tuned_model import OnReplaceArgs, OnReplaceArgsDict, TunedModel
from pulumi_gcp_tuning.declare.tuning_dataset import TuningDataset
from pulumi_gcp_tuning.declare.tuning_job import TuningJob
from pulumi_gcp_tuning.declare.tuning_job_shapes import (
    HyperParametersArgs,
    HyperParametersArgsDict,
    SupervisedTuningSpecArgsDict,
)

TYPE: Final = "gcptuning:index:FineTunedModel"
RUNNER: Final = "roles/aiplatform.tuningServiceAgent"
READER: Final = "roles/storage.objectViewer"
TOKENS: Final = "roles/iam.serviceAccountTokenCreator"

_OF_JOB: Final = ("encryption_spec", "labels", "location", "max_cost", "project", "retry", "service_account")
_OF_MODEL: Final = ("labels", "on_replace", "wait_for")


@arguments
class FineTunedModelArgs:
    """A tuned model and what belongs to it.

    - ``base_model``: The model to tune. A change trains again.
    - ``bucket``: The name of the bucket for the data.
    - ``training_data``: The file of the training examples, JSON Lines, relative to the program. A change trains again.
    - ``checks``: How strict each check is, for every resource of the component. Default: ``gcp-tuning:checks``.
    - ``display_name``: The name of model and endpoint in the console. Default: the component's name.
    - ``encryption_spec``: The customer-managed key of the job and of what it makes. Default: Google's key.
    - ``endpoint_location``: The location of your own endpoint. Default: where the catalogue says that the model will be.
    - ``hyper_parameters``: Epochs, adapter size, learning rate. Default: Google's. A change trains again.
    - ``labels``: Labels of job, model and endpoint.
    - ``location``: The region of the job. Default: ``gcp:region``.
    - ``max_cost``: The limit of the estimated cost of the training, in US dollars. Default: ``gcp-tuning:maxCost``.
    - ``on_replace``: What happens to the model that a new one replaces. Default: the last two stay.
    - ``own_endpoint``: Whether the model serves on an endpoint of your own too, whose name stays. Default: False.
    - ``project``: The project of the job. Default: ``gcp:project``.
    - ``retry``: A new value submits a new job.
    - ``service_account``: The email of the account that the job runs as; it gets the roles that it needs. Default:
      Google's service agent, which needs none.
    - ``tuning_agent_exists``: Whether a tuning job has run in the project. Google makes its tuning agent with the first
      one, and only then the agent can be allowed to act for ``service_account``. Default: False, which leaves the
      grant out.
    - ``validation_data``: The file of the validation examples. Default: no validation.
    - ``wait_for``: ``model`` or ``accepted``; see TunedModel. Default: ``model``.
    """

    base_model: Input[str]
    bucket: Input[str]
    training_data: str
    checks: Labels | None = None
    display_name: Text = None
    encryption_spec: Input[EncryptionSpecArgs | EncryptionSpecArgsDict] | None = None
    endpoint_location: Text = None
    hyper_parameters: Input[HyperParametersArgs | HyperParametersArgsDict] | None = None
    labels: Labels | None = None
    location: Text = None
    max_cost: Input[float] | None = None
    on_replace: Input[OnReplaceArgs | OnReplaceArgsDict] | None = None
    own_endpoint: bool = False
    project: Text = None
    retry: Text = None
    service_account: Text = None
    tuning_agent_exists: bool = False
    validation_data: str | None = None
    wait_for: Text = None


class FineTunedModel(pulumi.ComponentResource):
    """Grants the roles, uploads the data, trains, takes over the model, and serves it on an endpoint of your own if you ask for one.

    - ``training``, ``validation``: The datasets; ``validation`` is None without ``validation_data``.
    - ``job``: The TuningJob.
    - ``tuned_model``: The TunedModel.
    - ``own_endpoint``, ``deployment``: The Endpoint and the ModelDeployment; None without ``own_endpoint``.
    - ``model``: The name of the model.
    - ``endpoint``: The endpoint that answers: your own, else the one that Google made.
    """

    training: TuningDataset
    validation: TuningDataset | None
    job: TuningJob
    tuned_model: TunedModel
    own_endpoint: Endpoint | None
    deployment: ModelDeployment | None
    model: Output[str | None]
    endpoint: Output[str | None]

    @overload
    def __init__(
        self, resource_name: str, args: FineTunedModelArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        base_model: Input[str],
        bucket: Input[str],
        training_data: str,
        checks: Labels | None = None,
        display_name: Text = None,
        encryption_spec: Input[EncryptionSpecArgs | EncryptionSpecArgsDict] | None = None,
        endpoint_location: Text = None,
        hyper_parameters: Input[HyperParametersArgs | HyperParametersArgsDict] | None = None,
        labels: Labels | None = None,
        location: Text = None,
        max_cost: Input[float] | None = None,
        on_replace: Input[OnReplaceArgs | OnReplaceArgsDict] | None = None,
        own_endpoint: bool = False,
        project: Text = None,
        retry: Text = None,
        service_account: Text = None,
        tuning_agent_exists: bool = False,
        validation_data: str | None = None,
        wait_for: Text = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        """Declare it: with keywords or with ``FineTunedModelArgs``."""
        with naming(resource_name, "FineTunedModel"):
            given, opts = args_and_opts(FineTunedModelArgs, args, kwargs)
            wanted: dict[str, Any] = dict.fromkeys(fields_of(FineTunedModelArgs))
            wanted |= given_values(given, FineTunedModelArgs)
            _refuse(wanted)
            place = _endpoint_location(wanted) if wanted["own_endpoint"] else None
        super().__init__(TYPE, resource_name, None, opts)
        self._name, self._wanted = resource_name, {key: value for key, value in wanted.items() if value is not None}
        self.training = self._dataset("training", wanted["training_data"])
        found = wanted["validation_data"]
        self.validation = None if found is None else self._dataset("validation", found)
        self.job = self._job(self._roles())
        self.tuned_model = TunedModel(
            resource_name, tuning_job=self.job, **self._shared(*_OF_MODEL), opts=pulumi.ResourceOptions(parent=self)
        )
        self.own_endpoint, self.deployment = (None, None) if place is None else self._serve(place)
        self.model = self.tuned_model.model
        self.endpoint = self.tuned_model.endpoint if self.deployment is None else self.deployment.endpoint
        self.register_outputs({"model": self.model, "endpoint": self.endpoint, "tuning_job": self.job.id})

    def _shared(self, *names: str) -> dict[str, Any]:
        """The given arguments of these names, and the checks."""
        return {name: self._wanted[name] for name in (*names, "checks") if name in self._wanted}

    def _dataset(self, part: str, source: str) -> TuningDataset:
        return TuningDataset(
            f"{self._name}-{part}",
            bucket=self._wanted["bucket"],
            source=source,
            **self._shared(),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _roles(self) -> list[pulumi.Resource]:
        """What the job's own account needs. Google's service agent has its roles from Google."""
        account = self._wanted.get("service_account")
        if account is None:
            return []
        import pulumi_gcp as gcp

        project = self._wanted.get("project") or gcp.config.project
        member, opts = Output.concat("serviceAccount:", account), pulumi.ResourceOptions(parent=self)
        made = [
            gcp.projects.IAMMember(f"{self._name}-runs", project=project, role=RUNNER, member=member, opts=opts),
            gcp.storage.BucketIAMMember(
                f"{self._name}-reads", bucket=self._wanted["bucket"], role=READER, member=member, opts=opts
            ),
        ]
        if self._wanted.get("tuning_agent_exists"):
            from pulumi_gcp_tuning.preflight.identity import tuning_agent

            number = gcp.organizations.get_project_output(project_id=project).number
            made += [
                gcp.serviceaccount.IAMMember(
                    f"{self._name}-acts",
                    service_account_id=Output.concat("projects/-/serviceAccounts/", account),
                    role=TOKENS,
                    member=Output.concat("serviceAccount:", number.apply(tuning_agent)),
                    opts=opts,
                )
            ]
        return made

    def _job(self, roles: list[pulumi.Resource]) -> TuningJob:
        spec: SupervisedTuningSpecArgsDict = {"training_dataset_uri": self.training.uri}
        if self.validation is not None:
            spec["validation_dataset_uri"] = self.validation.uri
        if "hyper_parameters" in self._wanted:
            spec["hyper_parameters"] = self._wanted["hyper_parameters"]
        return TuningJob(
            self._name,
            base_model=self._wanted["base_model"],
            supervised_tuning_spec=spec,
            tuned_model_display_name=self._display_name,
            **self._shared(*_OF_JOB),
            opts=pulumi.ResourceOptions(parent=self, depends_on=roles),
        )

    def _serve(self, location: Input[str]) -> tuple[Endpoint, ModelDeployment]:
        opts = pulumi.ResourceOptions(parent=self)
        endpoint = Endpoint(
            self._name,
            display_name=self._display_name,
            location=location,
            **self._shared("encryption_spec", "labels", "project"),
            opts=opts,
        )
        return endpoint, ModelDeployment(
            self._name, endpoint=endpoint, model=self.tuned_model, **self._shared(), opts=opts
        )

    @property
    def _display_name(self) -> Input[str]:
        return self._wanted.get("display_name") or self._name


def _refuse(wanted: Mapping[str, Any]) -> None:
    """Raises WrongArgumentError for what is missing, and for what would have no effect."""
    lines = [
        f"{name}: it is required but not set." for name in ("base_model", "bucket", "training_data") if not wanted[name]
    ]
    if wanted["endpoint_location"] is not None and not wanted["own_endpoint"]:
        lines.append("endpoint_location: it needs own_endpoint=True. Remove it, or set own_endpoint.")
    if wanted["tuning_agent_exists"] and wanted["service_account"] is None:
        lines.append("tuning_agent_exists: it needs service_account. Remove it, or set service_account.")
    if lines:
        raise WrongArgumentError("\n".join(lines))


def _endpoint_location(wanted: Mapping[str, Any]) -> Input[str]:
    """The given location, else that of the model by the catalogue. Raises WrongArgumentError if neither is known in the program."""
    if wanted["endpoint_location"] is not None:
        return wanted["endpoint_location"]  # type: ignore[no-any-return]
    from pulumi_gcp_tuning.catalog import shipped

    region, base_model = wanted["location"] or pulumi.Config("gcp").get("region"), wanted["base_model"]
    row = shipped().find_model(base_model) if isinstance(base_model, str) else None
    if row is None or not isinstance(region, str):
        raise WrongArgumentError(
            "endpoint_location: the location of the model is not known, because base_model or location is not a plain text, "
            "or the catalogue does not have the model. Set endpoint_location."
        )
    return row.result_location(region)
