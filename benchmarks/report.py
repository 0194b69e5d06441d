"""The tables of ``docs/benchmarks.md``, between its markers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.ratios import RATIOS
from ingestion.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "benchmarks.md"
_SCALED = ("load", "transform", "publish", "run", "run one more day")
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"


def write_page(results: dict[str, Any], page: Path = PAGE) -> None:
    """Replace what stands between the markers."""
    text = page.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{_BEGIN}\n{figures_text(results)}\n{_END}{after}", "utf-8")


def figures_text(results: dict[str, Any]) -> str:
    """Machine, ratios and figures of every size, as Markdown."""
    sizes = sorted(results["sizes"], key=int)
    lines = [
        *_machine(results["machine"]),
        "",
        *_ratios(results["sizes"], sizes),
        "",
        *_scale(results["sizes"], sizes),
        *_figures(results["sizes"], sizes),
    ]
    return "\n".join(lines)


def _machine(facts: dict[str, Any]) -> Iterator[str]:
    versions = ", ".join(
        f"{name} {facts[name]}" for name in ("python", "duckdb", "dbt-core", "dlt")
    )
    yield (
        f"{facts['processor']}, {facts['cores']} cores, {facts['memory_gb']} GB memory,"
        f" {facts['system']}; {versions}."
    )


def _ratios(by_size: dict[str, Any], sizes: list[str]) -> Iterator[str]:
    headings = [f"{int(size):,} events" for size in sizes]
    yield f"| Times its limit, or share of the whole run | goal | {' | '.join(headings)} |"
    yield "|---|---:|" + "---:|" * len(sizes)
    for ratio in RATIOS:
        values = [ratio.value(by_size[size]["stages"]) for size in sizes]
        if any(value is not None for value in values):
            cells = ["" if value is None else f"{value:.2f}" for value in values]
            goal = "" if ratio.goal is None else f"≤ {ratio.goal}"
            yield f"| {ratio.name} | {goal} | {' | '.join(cells)} |"


def _scale(by_size: dict[str, Any], sizes: list[str]) -> Iterator[str]:
    yield f"| Microseconds per event, peak GB | {' | '.join(f'{int(size):,}' for size in sizes)} |"
    yield "|---|" + "---:|" * len(sizes)
    for stage in _SCALED:
        costs = [by_size[size]["stages"].get(stage) for size in sizes]
        cells = [
            f"{1e6 * cost['wall'] / int(size):.1f}, {cost['megabytes'] / 1000:.1f}" if cost else ""
            for size, cost in zip(sizes, costs, strict=True)
        ]
        if any(cells):
            yield f"| {stage} | {' | '.join(cells)} |"


def _figures(by_size: dict[str, Any], sizes: list[str]) -> Iterator[str]:
    for size in sizes:
        of_size = by_size[size]
        runs = f"{of_size['runs']} run" + ("s, median" if of_size["runs"] > 1 else "")
        yield f"\n{int(size):,} events, {of_size['measured_on']}, {runs}:\n"
        yield "| Stage | seconds | CPU seconds | peak MB | µs per event |"
        yield "|---|---:|---:|---:|---:|"
        for stage, cost in of_size["stages"].items():
            each = f"{1e6 * cost['wall'] / int(size):.2f}" if not stage.startswith("read") else ""
            figures = f"{cost['wall']:.1f} | {cost['cpu']:.1f} | {cost['megabytes']:,.0f}"
            yield f"| {stage} | {figures} | {each} |"
