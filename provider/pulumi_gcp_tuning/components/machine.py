"""The machine on which a component serves the weights of an open model."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from pulumi import Input

from pulumi_gcp_tuning.declare.arguments import Text, arguments


@arguments
class MachineArgs:
    """A machine that serves weights. It is billed by the hour, with or without requests.

    - ``machine_type``: Google's name of the machine, ``g2-standard-12`` for example.
    - ``accelerator_count``: How many accelerators it has.
    - ``accelerator_type``: Its accelerator, ``NVIDIA_L4`` for example.
    - ``max_replica_count``: How many machines run at most. Default: as many as always run.
    - ``min_replica_count``: How many machines always run. Default: 1.
    """

    machine_type: Input[str]
    accelerator_count: Input[int] | None = None
    accelerator_type: Text = None
    max_replica_count: Input[int] | None = None
    min_replica_count: Input[int] | None = None


class MachineArgsDict(TypedDict):
    """``MachineArgs`` as a dict."""

    machine_type: Input[str]
    accelerator_count: NotRequired[Input[int]]
    accelerator_type: NotRequired[Input[str]]
    max_replica_count: NotRequired[Input[int]]
    min_replica_count: NotRequired[Input[int]]
