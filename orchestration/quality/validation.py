"""Runs suites with Great Expectations and keeps its Data Docs, a site of plain HTML files."""

import html
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ingestion.settings import Settings
from orchestration.quality.suites import AnySuite, Profile, Suite, Verdict, data_docs

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx
import pandas as pd

_SITE = "quality"
_KEPT_RESULTS = 20  # pages per suite: enough to see when a figure began to move


def validate(
    settings: Settings, profiles: Mapping[AnySuite, Profile], on_suite: Callable[[str], None]
) -> dict[AnySuite, Verdict]:
    """Run each suite on its profile and bring the site up to date."""
    context = _context(data_docs(settings))
    frames = context.data_sources.add_pandas("profiles")
    verdicts = {}
    for suite, profile in profiles.items():
        frame = _escaped(pd.DataFrame(list(profile.rows), columns=list(profile.columns)))
        verdicts[suite] = _validate(context, frames, suite, frame)
        on_suite(suite.name)
    _forget_old_results(data_docs(settings))
    context.build_data_docs()
    return verdicts


def _context(site: Path) -> Any:
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    for name in list(context.get_site_names()):
        context.delete_data_docs_site(name)
    backend = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)}
    context.add_data_docs_site(
        _SITE,
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": backend,
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    return context


def _validate(context: Any, frames: Any, suite: Suite, frame: pd.DataFrame) -> Verdict:
    batch = frames.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("profile")
    expectations = [
        getattr(gx.expectations, expected.type)(**dict(expected.arguments))
        for expected in suite.expectations
    ]
    definition = gx.ValidationDefinition(
        name=suite.name,
        data=batch,
        suite=context.suites.add(
            gx.ExpectationSuite(
                suite.name, expectations=expectations, meta={"notes": suite.description}
            )
        ),
    )
    result = context.validation_definitions.add(definition).run(
        batch_parameters={"dataframe": frame},
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": suite.keys,
        },
    )
    errors: list[tuple[str | None, str]] = []
    warnings: list[tuple[str | None, str]] = []
    for outcome in result.results:
        if not outcome.success:
            is_warning = outcome.expectation_config.severity == "warning"
            (warnings if is_warning else errors).extend(_sentences(suite, outcome))
    return Verdict(
        errors=tuple(text for _, text in errors),
        warnings=tuple(text for _, text in warnings),
        expectations=len(expectations),
        profiled_rows=len(frame),
        companies=tuple(company_id for company_id, _ in errors),
    )


def _sentences(suite: Suite, outcome: Any) -> list[tuple[str | None, str]]:
    """One per place that breaks the expectation: where, what was found, what was expected.

    Each with the company that the place is of, if it is of one.
    """
    configuration = outcome.expectation_config
    places = outcome.result.get("unexpected_index_list")
    if places is None:  # the expectation itself broke
        broken = f"{suite.name}: {configuration.type} could not be checked:"
        return [(None, f"{broken} {outcome.exception_info}")]
    return [
        (_text(place.get("company_id")) or None, _sentence(suite, configuration, place))
        for place in places
    ]


def _sentence(suite: Suite, configuration: Any, row: Mapping[str, Any]) -> str:
    texts = {key: _text(row.get(key)) for key in suite.keys}
    place = " ".join(suite.place.format(**texts).split())
    column = configuration.kwargs.get("column")
    found = " and ".join(
        f"{name} is {_text(value) or 'missing'}"
        for name, value in row.items()
        if name not in suite.keys or name == column
    )
    advice = suite.advice.format(**texts)
    words = dict(suite.words).get(column)
    if words is not None:
        found = words.format(value=_text(row.get(column)))
    return f"{place}: {found}{_expected(configuration, words is not None)} -> {advice}"


def _expected(configuration: Any, says_what_is_wrong: bool) -> str:
    """What would have been right, as the end of a sentence that says what was found."""
    low, high = (configuration.kwargs.get(name) for name in ("min_value", "max_value"))
    if configuration.type == "expect_column_pair_values_to_be_equal":
        return ", which should be equal"
    if configuration.type == "expect_column_values_to_not_be_null":
        return ", which every row needs"
    if low is not None and low == high:
        if says_what_is_wrong:
            return ""
        return f", not {_text(low)}"
    bounds = [f"at least {_text(low)}"] if low is not None else []
    bounds += [f"at most {_text(high)}"] if high is not None else []
    return f" (allowed: {' and '.join(bounds)})"


def _text(value: Any) -> str:
    if value is None or value != value or value == "":
        return ""
    if isinstance(value, float):
        return f"{value:,.2g}" if abs(value) < 1 else f"{value:,.1f}".removesuffix(".0")
    return html.unescape(str(value))


def _escaped(frame: pd.DataFrame) -> pd.DataFrame:
    """Texts as HTML shows them: the site writes values as they are, and senders name files."""
    return frame.map(lambda value: html.escape(value) if isinstance(value, str) else value)


def _forget_old_results(site: Path) -> None:
    for suite in (site / "validations").glob("*/"):
        results = sorted(suite.glob("*/*/"), key=lambda folder: folder.name, reverse=True)
        for folder in results[_KEPT_RESULTS:]:
            shutil.rmtree(folder)
