"""The second kind of tuning job: pipelines from Google's templates, which tuned bison models until October 2024."""

from __future__ import annotations

from tuning_sandbox.vertex.pipelines import jobs

__all__ = ["jobs"]
