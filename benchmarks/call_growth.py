"""Calls that lie far out on one axis: a build should cost as much for each of many as of few.

Run ``make bench``, or ``python -m benchmarks.call_growth`` (``--calls``, twice, for other sizes).
Every story has that many calls: a user in a thousand accounts who changes all the time, groups
that come and go, one group with a child per call, chains of 300 ids, 300 ids on a call.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.data import AS_OF
from benchmarks.measure import Cost
from benchmarks.stages import settings_of, stage
from ingestion.demo.writer import LandingWriter

_CALLS_FOLDER = "acme/apps/web/calls"
_LAST = datetime(AS_OF.year, AS_OF.month, AS_OF.day)
MANY = 300
ACCOUNTS = 1_000
_MOST_GROWTH = 1.5  # times the CPU seconds of a call at the smaller size
_NOISE = 1.0  # CPU seconds by which two builds of one call differ

Call = dict[str, Any]
Sent = tuple[str, Call]
"""A vendor and a call in its shape."""


def main(
    calls: Annotated[list[int], typer.Option(help="Calls of each story; give two.")] = [  # noqa: B006
        20_000,
        100_000,
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the build of each story; exit with 1 where a call costs more among many."""
    empty = _cost(_nothing, 1)
    report: dict[str, dict[str, Any]] = {}
    for story in STORIES:
        costs = {size: _cost(story, size) for size in sorted(calls)}
        per_call = [max(cost.cpu - empty.cpu, _NOISE) / size for size, cost in costs.items()]
        report[story.__name__.replace("_", " ")] = {
            **{f"{size:,}": cost.to_dict() for size, cost in costs.items()},
            "growth": round(per_call[-1] / per_call[0], 2),
        }
    typer.echo(json.dumps(report)) if as_json else _print(report, empty)
    if max(story["growth"] for story in report.values()) > _MOST_GROWTH:
        raise typer.Exit(1)


def _cost(story: Callable[[int], Iterator[Sent]], size: int) -> Cost:
    """The build of a story, without its load."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_calls(folder / "landing", story(size))
        environment = settings_of(folder / "tracker.duckdb", folder / "landing", AS_OF)
        stage("load", environment)
        return stage("transform", environment, AS_OF)


def write_calls(landing: Path, calls: Iterable[Sent]) -> None:
    """Write calls that follow one another by ten seconds, a file for each vendor."""
    lines: dict[str, list[str]] = {}
    sent = list(calls)
    for number, (vendor, call) in enumerate(sent):
        moment = _LAST - timedelta(seconds=10 * (len(sent) - number))
        when = {"timestamp": f"{moment.isoformat()}Z", "event_time": f"{moment.isoformat()}Z"}
        ids = {"messageId": f"m{number}", "uuid": f"m{number}"}
        lines.setdefault(vendor, []).append(json.dumps({**ids, **call, **when}))
    for vendor, rows in lines.items():
        path = f"{_CALLS_FOLDER}/{vendor}/calls.jsonl"
        LandingWriter(landing).write(path, "\n".join(rows).encode(), _LAST)


def _track(user: str, group: str | None = None) -> Sent:
    call = {"type": "track", "event": "opened", "userId": user, "context": {"groupId": group}}
    return "segment", call


def _group(group: str, user: str | None = None, **traits: str | None) -> Sent:
    return "segment", {"type": "group", "groupId": group, "userId": user, "traits": traits}


def _nothing(_size: int) -> Iterator[Sent]:
    yield _track("somebody", "acc")


def user_of_a_thousand_accounts(size: int) -> Iterator[Sent]:
    """Of two calls one says another account than before, and the next one is its event."""
    for number in range(size // 2):
        traits = {"account_id": f"acc_{number % ACCOUNTS}"}
        yield "segment", {"type": "identify", "userId": "switcher", "traits": traits}
        yield _track("switcher")


def groups_with_an_account_at_times(size: int) -> Iterator[Sent]:
    """A user sets one group after the other; these lose their account in turn, and get it back."""
    groups = [f"at_times_{number}" for number in range(10)]
    every = max(1, size // 3 // (4 * len(groups)))
    for number in range(size // 3):
        if number % every == 0:
            times, place = divmod(number // every, len(groups))
            parent = None if times % 2 else "at_times"
            yield _group(groups[place], group_type="workspace", parent_group_id=parent)
        yield _group(groups[number % len(groups)], "visitor")
        yield _track("visitor")


def group_that_moves(size: int) -> Iterator[Sent]:
    """A group changes its parent with every second call; the other calls are of it."""
    for number in range(size // 2):
        yield _group("moving", group_type="workspace", parent_group_id=f"parent_{number % 2}")
        yield _track("mover", "moving")


def group_of_many_children(size: int) -> Iterator[Sent]:
    """Each call defines one more group below the same account; every tenth has an event."""
    for number in range(size):
        child = f"child_{number}"
        yield _group(child, group_type="workspace", parent_group_id="parent_of_all")
        if number % 10 == 0:
            yield _track("child", child)


def chains_of_many_ids(size: int) -> Iterator[Sent]:
    """Aliases link 300 ids, one after the other, each with an event."""
    for number in range(size // 2):
        chain, place = divmod(number, MANY)
        if place:
            ids = {"previousId": f"{chain}_{place - 1}", "userId": f"{chain}_{place}"}
            yield "segment", {"type": "alias", **ids}
        yield _track(f"{chain}_{place}", "chained")


def many_ids_on_a_call(size: int) -> Iterator[Sent]:
    """Each call names 300 groups."""
    for number in range(size // MANY):
        named = [f"named_{number * 7 % 1_000 + place}" for place in range(1, MANY)]
        groups = {"account": "named_account", "workspace": named}
        yield "amplitude", {"event_type": "opened", "user_id": "namer", "groups": groups}


STORIES = (
    user_of_a_thousand_accounts,
    groups_with_an_account_at_times,
    group_that_moves,
    group_of_many_children,
    chains_of_many_ids,
    many_ids_on_a_call,
)
"""Each yields its calls in the order of time, with the vendor whose shape they have."""


def _print(report: dict, empty: Cost) -> None:
    table = Table(title=f"Build of one story, CPU seconds ({empty.cpu:.1f} for one call)")
    sizes = [name for name in next(iter(report.values())) if name != "growth"]
    for heading in ("story", *(f"{size} calls" for size in sizes), "growth per call"):
        table.add_column(heading, justify="right" if heading != "story" else "left")
    for name, costs in report.items():
        table.add_row(name, *(f"{costs[s]['cpu']:.1f}" for s in sizes), f"{costs['growth']:.2f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
