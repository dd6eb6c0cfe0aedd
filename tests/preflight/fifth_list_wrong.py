"""The fifth list: all that is wrong."""

from __future__ import annotations

from typing import Final

from preflight import fifth_list_data, fifth_list_jobs, fifth_list_others, fifth_list_places

WRONG: Final = (
    *fifth_list_data.WRONG,
    *fifth_list_jobs.WRONG,
    *fifth_list_others.WRONG,
    *fifth_list_places.WRONG,
)
