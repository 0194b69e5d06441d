"""The metrics of MetricFlow: each is what its mart says, and none adds what is no sum."""

import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT

REVENUE_MONTHS = ("company", "metric_time__month")
USAGE_DAYS = ("company", "metric_time__day")
# Metric, what it is grouped by, and the same from the marts.
EXPECTED = {
    "mrr": (REVENUE_MONTHS, "select company_id, month, mrr from mrr_trend"),
    "arr": (REVENUE_MONTHS, "select company_id, month, arr from mrr_trend"),
    "paying_organizations": (
        REVENUE_MONTHS,
        "select company_id, month, paying_orgs from mrr_trend",
    ),
    "arpa": (REVENUE_MONTHS, "select company_id, month, arpa from mrr_trend"),
    "mrr_change": (
        REVENUE_MONTHS,
        "select company_id, month, mrr_change from mrr_trend where mrr_change <> 0",
    ),
    **{
        f"{movement}_mrr": (
            REVENUE_MONTHS,
            f'select company_id, month, "{movement}" from mrr_movements_monthly'
            f" where {movement}_orgs > 0",
        )
        for movement in ("new", "reactivation", "expansion", "contraction", "churn", "fx")
    },
    "nrr": (REVENUE_MONTHS, "select company_id, month, nrr from revenue_retention"),
    "grr": (REVENUE_MONTHS, "select company_id, month, grr from revenue_retention"),
    "opening_constant": (
        REVENUE_MONTHS,
        "select company_id, month, opening_constant from revenue_retention",
    ),
    "events": (
        USAGE_DAYS,
        "select company_id, date_day, sum(events) from organization_metrics_daily"
        " where app_id = 'all' group by all",
    ),
    "sessions": (
        USAGE_DAYS,
        "select company_id, date_day, sum(sessions) from organization_metrics_daily"
        " where app_id = 'all' group by all",
    ),
    "page_views": (
        USAGE_DAYS,
        "select company_id, date_day, sum(page_views) from organization_metrics_daily"
        " where app_id = 'all' group by all",
    ),
    "active_organizations": (
        ("company",),
        "select company_id, count(*) filter (activity_state = 'active') from organizations"
        " group by all",
    ),
    "active_users": (
        ("company",),
        "select company_id, sum(active_users_30d) from organizations group by all",
    ),
    "feature_adoption_rate": (
        ("company", "adoption_of_feature__feature_key"),
        "select company_id, feature_key, adoption_rate from feature_adoption where app_id = 'all'",
    ),
    "health_score": (
        ("company",),
        "select company_id, avg(health_score) from organizations group by all",
    ),
    "organizations_by_band": (
        ("company", "band_day__health_band"),
        "select company_id, health_band, organizations from health_distribution"
        " join companies using (company_id) where app_id = 'all' and date_day = as_of_date",
    ),
    "signals_open": (
        ("company", "signal__signal_type"),
        "select company_id, signal_type, organizations from signal_summary_by_type"
        " where organizations > 0",
    ),
    "organizations_with_signals": (
        ("company",),
        "select company_id, organizations from signal_summary where organizations > 0",
    ),
    "revenue_at_risk_of_band": (
        ("company",),
        "select company_id, revenue_at_risk from revenue_kpis",
    ),
    "revenue_at_risk_of_segment": (
        ("company",),
        "select company_id, mrr from revenue_health_matrix where segment = 'revenue_at_risk'",
    ),
    "revenue_at_risk_of_signal": (
        ("company",),
        "select company_id, revenue_at_risk_mrr from signal_summary where organizations > 0",
    ),
    **{
        metric: (
            REVENUE_MONTHS,
            f"select company_id, month, {metric} from mtu_monthly where app_id = 'all'",
        )
        for metric in ("mtu_per_user", "mtu_instance_level")
    },
    "trials_started": (
        ("company", "trial__status"),
        "select company_id, status, count(started_at) from trials group by all"
        " having count(started_at) > 0",
    ),
}
# A mart says 0 where there is no row to sum, a metric nothing.
SUMS_OF_NOTHING = {
    *("events", "sessions", "page_views"),
    *(f"revenue_at_risk_of_{rule}" for rule in ("band", "segment", "signal")),
}
# The parts of ratios, which have no mart of their own.
PARTS = {
    "net_of_opening",
    "gross_of_opening",
    "organizations_that_used_feature",
    "organizations_that_could_use_feature",
}


@pytest.fixture(scope="module")
def serving(published_world) -> Path:
    return published_world


@pytest.fixture(scope="module")
def configuration(serving, tmp_path_factory):
    """MetricFlow on the copy of all companies, from a project of its own: it reads `target/`."""
    folder = tmp_path_factory.mktemp("metrics")
    project = folder / "dbt_project"
    kept_out = shutil.ignore_patterns("target", "logs")
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=kept_out)
    shutil.copytree(PROJECT_ROOT / "docs", folder / "docs")
    shutil.copytree(PROJECT_ROOT / "seeds", folder / "seeds")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        patch.setenv("DBT_PROFILES_DIR", str(project))
        patch.setenv("SAAS_TRACKER_TARGET", "serving")
        patch.setenv("SAAS_TRACKER_SERVING", str(serving))
        patch.setenv("SAAS_TRACKER_WAREHOUSE", str(folder / "tracker.duckdb"))
        dbt = Path(sys.executable).with_name("dbt")
        subprocess.run([dbt, "--no-version-check", "--quiet", "parse"], check=True)
        from dbt_metricflow.cli.cli_configuration import CLIConfiguration

        configuration = CLIConfiguration()
        configuration.setup(project, project, configure_file_logging=False)
        yield configuration


@pytest.fixture(scope="module")
def ask(configuration):
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    def rows(metrics: list[str], group_by: tuple[str, ...], **more: Any) -> list[tuple]:
        request = MetricFlowQueryRequest.create(
            metric_names=metrics, group_by_names=group_by, **more
        )
        table = configuration.mf.query(request).result_df
        places = [table.column_names.index(name) for name in (*group_by, *metrics)]
        return [tuple(row[place] for place in places) for row in table.rows]

    return rows


def in_marts(serving: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(serving / "all.duckdb"), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        return connection.execute(query).fetchall()


def by_group(rows: list[tuple]) -> dict[tuple, float]:
    """Without groups that have no value; days as text, whatever type carries them."""
    return {
        tuple(str(part)[:10] if hasattr(part, "year") else part for part in group): value
        for *group, value in rows
        if value is not None
    }


def test_every_metric_has_a_label_a_description_and_its_mart(configuration):
    metrics = configuration.semantic_manifest.metrics
    assert {metric.name for metric in metrics} == EXPECTED.keys() | PARTS
    for metric in metrics:
        assert metric.label, metric.name
        assert metric.description, metric.name
        assert "doc(" not in metric.description
        assert "<!" not in metric.description


@pytest.mark.parametrize("metric", EXPECTED)
def test_a_metric_is_what_its_mart_says(ask, serving, metric):
    group_by, query = EXPECTED[metric]
    found, expected = by_group(ask([metric], group_by)), by_group(in_marts(serving, query))
    if metric in SUMS_OF_NOTHING:
        found = {group: value for group, value in found.items() if value}
        expected = {group: value for group, value in expected.items() if value}
    assert expected
    assert found.keys() == expected.keys()
    cent = Decimal("0.005") if metric == "arpa" else Decimal("0.000000001")
    for group, value in expected.items():
        assert abs(Decimal(str(found[group])) - Decimal(str(value))) <= cent, (metric, group)


@pytest.mark.parametrize(
    "metric",
    [
        "mrr",
        "arr",
        "paying_organizations",
        "opening_constant",
        "mtu_per_user",
        "mtu_instance_level",
    ],
)
def test_a_state_is_that_of_the_last_month_not_a_sum(ask, metric):
    by_month = by_group(ask([metric], REVENUE_MONTHS))
    last = dict(sorted(by_month))
    whole = by_group(ask([metric], ("company",)))
    assert whole == {(company,): by_month[company, month] for company, month in last.items()}


def test_distinct_counts_are_no_sums_of_days_or_applications(ask, serving):
    by_day = by_group(ask(["active_organizations"], USAGE_DAYS))
    last = dict(sorted(by_day))
    whole = by_group(ask(["active_organizations"], ("company",)))
    assert whole == {(company,): by_day[company, day] for company, day in last.items()}
    by_application = by_group(
        ask(["active_organizations"], ("company", "organization_day__app_id"))
    )
    several = {company for company, app in by_application if app != "all"}
    assert several
    for company in several:
        parts = [v for (one, app), v in by_application.items() if one == company and app != "all"]
        assert max(parts) <= whole[company,] <= sum(parts)


def test_events_are_not_counted_twice(ask, serving):
    counted = dict(in_marts(serving, "select company_id, count(*) from events group by all"))
    found = by_group(ask(["events"], ("company",)))
    assert {company: value for (company,), value in found.items() if value} == counted
    by_application = by_group(ask(["events"], ("company", "application__application_name")))
    assert sum(by_application.values()) == sum(counted.values())


def test_saved_queries_run_beside_a_writer(configuration):
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    with duckdb.connect(os.environ["SAAS_TRACKER_WAREHOUSE"]):  # what a run of the pipeline holds
        for query in configuration.semantic_manifest.saved_queries:
            request = MetricFlowQueryRequest.create(saved_query_name=query.name)
            assert configuration.mf.query(request).result_df.rows, query.name


def test_queries_of_the_page_are_answered(ask):
    page = (PROJECT_ROOT / "docs" / "bi.md").read_text()
    queries = re.findall(r"mf query --metrics (\S+) --group-by (\S+)$", page, re.M)
    assert len(queries) >= 2
    for metrics, group_by in queries:
        assert ask(metrics.split(","), tuple(group_by.split(","))), metrics


def test_one_company_has_a_copy_to_ask(serving, configuration, built_worlds):
    """As `docs/bi.md` says, on the command line."""
    company = built_worlds[0].world.companies[0].company_id
    done = subprocess.run(
        [
            Path(sys.executable).with_name("mf"),
            "query",
            "--metrics",
            "mrr",
            "--group-by",
            "company",
        ],
        env=os.environ | {"SAAS_TRACKER_COPY": company},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    others = [one.company_id for one in built_worlds[0].world.companies[1:]]
    assert not [other for other in others if f"\n{other} " in done.stdout]
