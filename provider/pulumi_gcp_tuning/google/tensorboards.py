"""projects.locations.tensorboards: instances, and the curves in their experiments. Only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.google import shapes

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json
    from pulumi_gcp_tuning.google.vertex_wire import VertexWire


class TensorboardCalls:
    """The TensorBoard instances of one location."""

    _wire: VertexWire

    def get_tensorboard(self, name: str) -> Json:
        """A TensorBoard instance by its full name."""
        return self._wire.get(name, shapes.TENSORBOARD)

    def read_experiment(self, name: str) -> dict[str, dict[int, float]]:
        """The values of each time series in an experiment's runs, by its display name and by step.

        If two runs have a series of the same name, the values of the later run replace those of the same steps.
        """
        found: dict[str, dict[int, float]] = {}
        most = {"pageSize": 100}
        for run in self._wire.items(f"{name}/runs", "tensorboardRuns", shapes.TENSORBOARD_RUNS, most):
            path = f"{run['name']}/timeSeries"
            for series in self._wire.items(path, "tensorboardTimeSeries", shapes.TIME_SERIES_LIST, most):
                answer = self._wire.get(f"{series['name']}:read", shapes.TIME_SERIES)
                values = found.setdefault(str(series["displayName"]), {})
                for point in (answer.get("timeSeriesData") or {}).get("values") or ():
                    if "scalar" in point:  # others are histograms and files
                        # a proto answer omits what is zero
                        values[int(point.get("step", 0))] = float(point["scalar"].get("value", 0.0))
        return found
