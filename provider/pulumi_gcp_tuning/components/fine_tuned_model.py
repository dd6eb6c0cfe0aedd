"""A tuned model, of Gemini or open, with all that it needs: roles, datasets, job, model, and what serves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, overload

import pulumi
from pulumi import Input, Output

from pulumi_gcp_tuning.components.machine import MachineArgs, MachineArgsDict
from pulumi_gcp_tuning.components.open_model_roles import AGENTS, OpenModelBucketRoles
from pulumi_gcp_tuning.components.open_model_roles import ROLE as WRITER
from pulumi_gcp_tuning.declare.arguments import Labels, Text, WrongArgumentError, arguments, fields_of, given_values
from pulumi_gcp_tuning.declare.endpoint import Endpoint
from pulumi_gcp_tuning.declare.model_deployment import ModelDeployment
from pulumi_gcp_tuning.declare.resource import args_and_opts, naming
from pulumi_gcp_tuning.declare.shared import EncryptionSpecArgs, EncryptionSpecArgsDict, ModelUsage, TuningMetrics
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
_OPEN_ONLY: Final = ("custom_base_model", "machine", "media_buckets", "output_uri", "tuning_mode")
_GEMINI_ONLY: Final = {
    "endpoint_location": "Weights get an endpoint of their own where the job runs.",
    "on_replace": "No TunedModel is made of an open model; its checkpoints stay in the bucket.",
    "own_endpoint": "Weights get an endpoint of their own: set machine.",
    "wait_for": "No TunedModel waits for an open model; a machine does.",
}


@arguments
class FineTunedModelArgs:
    """A tuned model and what belongs to it.

    ``custom_base_model``, ``machine``, ``media_buckets``, ``output_uri`` and ``tuning_mode`` are for open models;
    ``endpoint_location``, ``on_replace``, ``own_endpoint`` and ``wait_for`` for Gemini.

    - ``base_model``: The model to tune. A change trains again.
    - ``bucket``: The name of the bucket for the data.
    - ``training_data``: The file of the training examples, JSON Lines, relative to the program. A change trains again.
    - ``checks``: How strict each check is, for every resource of the component. Default: ``gcp-tuning:checks``.
    - ``custom_base_model``: The folder of the weights to start from, or the ``TuningJob`` that makes them. Default: those of
      ``base_model``.
    - ``display_name``: The name of model and endpoint in the console. Default: the component's name.
    - ``encryption_spec``: The customer-managed key of the job and of what it makes. Default: Google's key.
    - ``endpoint_location``: The location of your own endpoint. Default: where the catalogue says that the model will be.
    - ``hyper_parameters``: Epochs, adapter size, learning rate. Default: Google's. A change trains again.
    - ``labels``: Labels of job, model and endpoint.
    - ``location``: The region of the job. Default: ``gcp:region``.
    - ``max_cost``: The limit of the estimated cost of the training, in US dollars. Default: ``gcp-tuning:maxCost``.
    - ``machine``: The machine that serves the weights, billed by the hour. Default: nothing serves them.
    - ``media_buckets``: The names of other buckets with images of the rows, by a key of your own. Google's agents get
      the role that they need there and on ``bucket``.
    - ``on_replace``: What happens to the model that a new one replaces. Default: the last two stay.
    - ``output_uri``: The folder of the checkpoints. Default: ``checkpoints/STACK/NAME/{training}`` in
      ``bucket``, where ``{training}`` stands for a name that each training has of its own.
    - ``own_endpoint``: Whether the model serves on an endpoint of your own too, whose name stays. Default: False.
    - ``project``: The project of the job. Default: ``gcp:project``.
    - ``retry``: A new value submits a new job.
    - ``service_account``: The email of the account that the job runs as; it gets the roles that it needs. Default:
      Google's service agent, which needs none.
    - ``tuning_agent_exists``: Whether a tuning job, of an open model if this is one, has run in the project. Google
      makes its tuning agent with the first one, and only then the agent can get a role: to act for ``service_account``,
      or on ``media_buckets``. Default: False, which leaves these grants out.
    - ``tuning_mode``: ``FULL`` or ``PEFT_ADAPTER``. Default: Google's.
    - ``validation_data``: The file of the validation examples. Default: no validation.
    - ``wait_for``: ``model`` or ``accepted``; see TunedModel. Default: ``model``.
    """

    base_model: Input[str]
    bucket: Input[str]
    training_data: str
    checks: Labels | None = None
    custom_base_model: pulumi.Input[str] | TuningJob | None = None
    display_name: Text = None
    encryption_spec: Input[EncryptionSpecArgs | EncryptionSpecArgsDict] | None = None
    endpoint_location: Text = None
    hyper_parameters: Input[HyperParametersArgs | HyperParametersArgsDict] | None = None
    labels: Labels | None = None
    location: Text = None
    machine: MachineArgs | MachineArgsDict | None = None
    max_cost: Input[float] | None = None
    media_buckets: Mapping[str, Input[str]] | None = None
    on_replace: Input[OnReplaceArgs | OnReplaceArgsDict] | None = None
    output_uri: Text = None
    own_endpoint: bool = False
    project: Text = None
    retry: Text = None
    service_account: Text = None
    tuning_agent_exists: bool = False
    tuning_mode: Text = None
    validation_data: str | None = None
    wait_for: Text = None


class FineTunedModel(pulumi.ComponentResource):
    """Grants the roles, uploads the data, trains, and takes over the model; serves it on an endpoint of your own if you ask for one.

    The checkpoints of an open model are objects in a bucket; on a ``machine`` they are served.

    - ``training``, ``validation``: The datasets; ``validation`` is None without ``validation_data``.
    - ``job``: The TuningJob.
    - ``tuned_model``: The TunedModel; None for an open model.
    - ``own_endpoint``, ``deployment``: The Endpoint and the ModelDeployment; None without ``own_endpoint``. An open
      model has a ``deployment`` with ``machine``, and no ``own_endpoint``.
    - ``model``: The name of the model; None for an open model.
    - ``weights``: The folder of an open model's final checkpoint; without ``machine`` once a later ``up`` or refresh has
      seen that the job succeeded.
    - ``endpoint``: The endpoint that answers: your own, that of the machine, else the one that Google made.
    - ``metrics``, ``usage``: The losses of the training; its links and costs. Without ``machine`` an open model has them
      when ``weights`` is there.
    - ``snippets``: How an application asks it: ``python``, ``curl`` and ``packages``; None if nothing serves it.
    """

    training: TuningDataset
    validation: TuningDataset | None
    job: TuningJob
    tuned_model: TunedModel | None
    own_endpoint: Endpoint | None
    deployment: ModelDeployment | None
    model: Output[str | None]
    weights: Output[str | None]
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
        custom_base_model: pulumi.Input[str] | TuningJob | None = None,
        display_name: Text = None,
        encryption_spec: Input[EncryptionSpecArgs | EncryptionSpecArgsDict] | None = None,
        endpoint_location: Text = None,
        hyper_parameters: Input[HyperParametersArgs | HyperParametersArgsDict] | None = None,
        labels: Labels | None = None,
        location: Text = None,
        machine: MachineArgs | MachineArgsDict | None = None,
        max_cost: Input[float] | None = None,
        media_buckets: Mapping[str, Input[str]] | None = None,
        on_replace: Input[OnReplaceArgs | OnReplaceArgsDict] | None = None,
        output_uri: Text = None,
        own_endpoint: bool = False,
        project: Text = None,
        retry: Text = None,
        service_account: Text = None,
        tuning_agent_exists: bool = False,
        tuning_mode: Text = None,
        validation_data: str | None = None,
        wait_for: Text = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        """Declare it: with keywords or with ``FineTunedModelArgs``."""
        with naming(resource_name, "FineTunedModel"):
            given, opts = args_and_opts(FineTunedModelArgs, args, kwargs)
            wanted: dict[str, Any] = dict.fromkeys(fields_of(FineTunedModelArgs))
            wanted |= given_values(given, FineTunedModelArgs)
            self._is_open = _tunes_open_model(wanted)
            _refuse(wanted, is_open=self._is_open)
            place = _endpoint_location(wanted) if wanted["own_endpoint"] else None
        super().__init__(TYPE, resource_name, None, opts)
        self._name, self._wanted = resource_name, {key: value for key, value in wanted.items() if value is not None}
        self.training = self._dataset("training", wanted["training_data"])
        found = wanted["validation_data"]
        self.validation = None if found is None else self._dataset("validation", found)
        self.job = self._job(self._roles())
        self.tuned_model = None if self._is_open else self._take_over()
        self.own_endpoint = None if place is None else self._endpoint(place)
        self.deployment = self._deploy()
        self.weights = (self.deployment if self._is_open and self.deployment else self.job).final_checkpoint_uri
        self.model = Output.from_input(None) if self.tuned_model is None else self.tuned_model.model
        served = self.deployment or self.tuned_model
        self.endpoint = Output.from_input(None) if served is None else served.endpoint
        outputs = {"model": self.model, "weights": self.weights, "endpoint": self.endpoint, "tuning_job": self.job.id}
        self.register_outputs(outputs)

    @property
    def snippets(self) -> Output[Mapping[str, str] | None]:
        """How an application asks it; made when a program reads it."""
        served = self.deployment or self.tuned_model
        return Output.from_input(None) if served is None else served.snippets

    @property
    def metrics(self) -> Output[TuningMetrics | None]:
        """The first, best and last values of the training."""
        return self._trained.metrics

    @property
    def usage(self) -> Output[ModelUsage | None]:
        """Links and costs of the training, and what answers cost."""
        return self._trained.usage

    @property
    def _trained(self) -> TunedModel | ModelDeployment | TuningJob:
        """What waits for the training and then has its results; an open model's job alone has them after a refresh."""
        return self.tuned_model or self.deployment or self.job

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
        """What the job's own account and Google's agents need. On the bucket of the data the agents have it from Google."""
        return [*self._roles_of_account(), *self._roles_on_media()]

    @property
    def _project(self) -> Any:
        from pulumi_gcp import config

        return self._wanted.get("project") or config.project

    def _project_number(self) -> Output[str]:
        from pulumi_gcp import organizations

        number: Output[str] = organizations.get_project_output(project_id=self._project).number
        return number

    def _roles_on_media(self) -> list[pulumi.Resource]:
        if not self._wanted.get("media_buckets"):
            return []
        roles = OpenModelBucketRoles(
            self._name,
            buckets={"data": self._wanted["bucket"], **self._wanted["media_buckets"]},
            project_number=self._project_number(),
            agents=AGENTS if self._wanted["tuning_agent_exists"] else AGENTS[:1],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return [roles, *roles.grants]

    def _roles_of_account(self) -> list[pulumi.Resource]:
        account = self._wanted.get("service_account")
        if account is None:
            return []
        import pulumi_gcp as gcp

        project = self._project
        member, opts = Output.concat("serviceAccount:", account), pulumi.ResourceOptions(parent=self)
        made = [
            gcp.projects.IAMMember(f"{self._name}-runs", project=project, role=RUNNER, member=member, opts=opts),
            gcp.storage.BucketIAMMember(
                f"{self._name}-reads",
                bucket=self._wanted["bucket"],
                role=WRITER if self._is_open else READER,
                member=member,
                opts=opts,
            ),
        ]
        if self._wanted.get("tuning_agent_exists"):
            from pulumi_gcp_tuning.preflight.identity import tuning_agent

            number = self._project_number()
            agent = number.apply(_open_agent if self._is_open else tuning_agent)
            made += [
                gcp.serviceaccount.IAMMember(
                    f"{self._name}-acts",
                    service_account_id=Output.concat("projects/-/serviceAccounts/", account),
                    role=TOKENS,
                    member=Output.concat("serviceAccount:", agent),
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
        more = self._shared(*_OF_JOB)
        if self._is_open:
            folder = Output.concat(
                "gs://", self._wanted["bucket"], f"/checkpoints/{pulumi.get_stack()}/{self._name}/{{training}}"
            )
            more["output_uri"] = self._wanted.get("output_uri") or folder
            more |= self._shared("custom_base_model")
            if "tuning_mode" in self._wanted:
                spec["tuning_mode"] = self._wanted["tuning_mode"]
        return TuningJob(
            self._name,
            base_model=self._wanted["base_model"],
            supervised_tuning_spec=spec,
            tuned_model_display_name=self._display_name,
            **more,
            opts=pulumi.ResourceOptions(parent=self, depends_on=roles),
        )

    def _take_over(self) -> TunedModel:
        opts = pulumi.ResourceOptions(parent=self)
        return TunedModel(self._name, tuning_job=self.job, **self._shared(*_OF_MODEL), opts=opts)

    def _endpoint(self, location: Input[str]) -> Endpoint:
        return Endpoint(
            self._name,
            display_name=self._display_name,
            location=location,
            **self._shared("encryption_spec", "labels", "project"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _deploy(self) -> ModelDeployment | None:
        """The weights on their machine, or the model on your own endpoint; None where neither is asked for."""
        opts, machine = pulumi.ResourceOptions(parent=self), self._wanted.get("machine")
        if machine is not None:
            given = {key: value for key, value in given_values(machine, MachineArgs).items() if value is not None}
            return ModelDeployment(self._name, tuning_job=self.job, **given, **self._shared(), opts=opts)
        if self.own_endpoint is None or self.tuned_model is None:
            return None
        return ModelDeployment(
            self._name, endpoint=self.own_endpoint, model=self.tuned_model, **self._shared(), opts=opts
        )

    @property
    def _display_name(self) -> Input[str]:
        return self._wanted.get("display_name") or self._name


def _open_agent(number: str) -> str:
    return f"service-{number}@{AGENTS[1]}.iam.gserviceaccount.com"


def _tunes_open_model(wanted: Mapping[str, Any]) -> bool:
    """Whether the base model is an open one: by the catalogue or by its form, ``publisher/model``, else by what is given."""
    from pulumi_gcp_tuning.catalog import shipped

    model = wanted["base_model"]
    if not isinstance(model, str):
        return any(wanted[name] is not None for name in _OPEN_ONLY)
    row = shipped().find_model(model)
    return row.product == "OPEN" if row is not None else "/" in model


def _refuse(wanted: Mapping[str, Any], *, is_open: bool) -> None:
    """Raises WrongArgumentError for what is missing, and for what would have no effect."""
    lines = [
        f"{name}: it is required but not set." for name in ("base_model", "bucket", "training_data") if not wanted[name]
    ]
    if wanted["endpoint_location"] is not None and not wanted["own_endpoint"] and not is_open:
        lines.append("endpoint_location: it needs own_endpoint=True. Remove it, or set own_endpoint.")
    if wanted["tuning_agent_exists"] and not (wanted["service_account"] or wanted["media_buckets"]):
        lines.append("tuning_agent_exists: it needs service_account. Remove it, or set service_account.")
    if is_open:
        lines += [f"{name}: it is for Gemini. {why}" for name, why in _GEMINI_ONLY.items() if wanted[name]]
    else:
        given = [name for name in _OPEN_ONLY if wanted[name] is not None]
        lines += [f"{name}: it is for open models, and base_model is none. Remove it." for name in given]
    if "data" in (wanted["media_buckets"] or {}):
        lines.append("media_buckets: the key 'data' is that of bucket. Choose another one.")
    if wanted["machine"] is not None:
        machine = given_values(wanted["machine"], MachineArgs, "machine")
        lines += [] if machine.get("machine_type") else ["machine.machine_type: it is required but not set."]
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
