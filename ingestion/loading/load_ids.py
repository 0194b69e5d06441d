"""The order of loads, whatever the clock says.

dlt names a load after the time, and asks that the names increase. Newest load, newest content of a
file, loads that a gate has not passed: all of that is found by comparing load ids.
"""

from dlt.common.time import increasing_precise_time


def continue_after(newest_load_id: str) -> None:
    """Let the next load's id follow the newest one, also where the clock has been set back.

    dlt keeps the highest time that a process has seen (``_last``), but forgets it with the process.
    """
    increasing_precise_time._last = max(increasing_precise_time._last, float(newest_load_id))
