"""Reference data that is wrong: a problem is one line with file, line, value, nearest word."""

import csv
import shutil
import time
from pathlib import Path

import duckdb
import pytest

from ingestion.seeds.across_rows import health_components
from ingestion.seeds.description import read_description
from ingestion.seeds.rules import RULES
from ingestion.seeds.signal_rules import signal_parameters, steady_parameters
from ingestion.seeds.telemetry_rules import PARAMETERS
from ingestion.seeds.validation import DEFAULT_SEEDS, ReferenceDataError, raise_if_wrong, validate
from ingestion.settings import PROJECT_ROOT, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The project's own reference data, to be spoilt."""
    shutil.copytree(DEFAULT_SEEDS, tmp_path / "seeds")
    return Settings(seeds=tmp_path / "seeds", warehouse=tmp_path / "warehouse" / "t.duckdb")


def edit(settings: Settings, name: str, old: str, new: str) -> None:
    file = settings.seeds / name
    text = file.read_text("utf-8")
    assert old in text, f"{name} has no {old!r}"
    file.write_text(text.replace(old, new, 1), "utf-8")


def append(settings: Settings, name: str, *lines: str) -> int:
    """Add lines; return the number of the first."""
    file = settings.seeds / name
    text = file.read_text("utf-8")
    file.write_text(text + "".join(f"{line}\n" for line in lines), "utf-8")
    return text.count("\n") + 1


def found(settings: Settings, *, warnings: bool = False) -> list[str]:
    """The problems as a person reads them, without the folder."""
    problems = [problem for problem in validate(settings) if problem.is_warning == warnings]
    return [str(problem).removeprefix(f"{settings.seeds}/") for problem in problems]


def test_what_is_shipped_is_right_and_judged_within_a_second(settings: Settings) -> None:
    assert validate(settings) == []
    started = time.process_time()
    validate(settings)
    assert time.process_time() - started < 1


def test_the_description_is_that_of_the_files() -> None:
    described = read_description()
    assert {f"{name}.csv" for name in described} == {p.name for p in DEFAULT_SEEDS.glob("*.csv")}
    for seed in described.values():
        with (DEFAULT_SEEDS / seed.file).open(encoding="utf-8", newline="") as stream:
            assert list(seed.columns) == next(csv.reader(stream)), seed.file


def test_every_rule_of_the_description_is_applied() -> None:
    """A test that an analyst adds to seeds.yml is judged first, too, or is added to the rules."""
    used = {rule.name for seed in read_description().values() for rule in seed.rules}
    assert used <= set(RULES)


MISTAKES = {
    "a misspelt column": (
        ("companies.csv", "date_order", "date_oder"),
        "companies.csv line 1: column 'date_oder' is unknown; did you mean 'date_order'?",
    ),
    "columns in another order": (
        ("plans.csv", "plan,events_limit", "events_limit,plan"),
        "plans.csv line 1: the columns stand in another order than plan, events_limit,",
    ),
    "semicolons": (
        ("environments.csv", "environment,is_production", "environment;is_production"),
        "environments.csv line 1: the header 'environment;is_production' has no commas",
    ),
    "a missing cell": (
        ("plans.csv", "trial,10000,1,30", "trial,10000,1"),
        "plans.csv line 2: 3 cells, but the header has 4",
    ),
    "an empty cell": (
        ("health_model.csv", "*,trend,20,", "*,trend,,"),
        "health_model.csv line 4: weight is empty",
    ),
    "no number": (
        ("health_model.csv", "*,trend,20,", "*,trend,2o,"),
        "health_model.csv line 4: weight '2o' is not a number such as 0.5",
    ),
    "infinity": (
        ("signal_rules.csv", "max_ratio,0.7", "max_ratio,inf"),
        "signal_rules.csv line 3: value 'inf' is not a number",
    ),
    "a whole number with decimals": (
        ("applications.csv", "inactivity_gap,30", "inactivity_gap,30.5"),
        "applications.csv line 2: session_timeout_minutes '30.5' is not a whole number",
    ),
    "a number below the least": (
        ("applications.csv", "inactivity_gap,30", "inactivity_gap,0"),
        "applications.csv line 2: session_timeout_minutes '0' is below 1",
    ),
    "a rate with a decimal comma": (
        ("exchange_rates.csv", "AUD,1.5413", 'AUD,"1,5413"'),
        "exchange_rates.csv line 2: units_per_eur '1,5413' is not a number with a point",
    ),
    "a rate of zero": (
        ("exchange_rates.csv", "AUD,1.5413", "AUD,0"),
        "exchange_rates.csv line 2: '0': it must hold that units_per_eur > 0",
    ),
    "a day the other way round": (
        ("exchange_rates.csv", "2018-01-02,AUD", "02/01/2018,AUD"),
        "exchange_rates.csv line 2: rate_date '02/01/2018' is not a day such as 2026-03-01",
    ),
    "a currency in words": (
        ("companies.csv", "growth,EUR", "growth,EURO"),
        "companies.csv line 2: reporting_currency 'EURO' is unknown; did you mean 'EUR'?",
    ),
    "a currency in small letters": (
        ("companies.csv", "growth,EUR", "growth,eur"),
        "companies.csv line 2: reporting_currency 'eur' is unknown; did you mean 'EUR'?",
    ),
    "a date order in capitals": (
        ("companies.csv", ",dmy", ",DMY"),
        "companies.csv line 2: date_order 'DMY' is unknown; did you mean 'dmy'?",
    ),
    "an unknown plan": (
        ("companies.csv", "growth", "grwoth"),
        "companies.csv line 2: plan 'grwoth' is unknown; did you mean 'growth'?",
    ),
    "an id that is no folder": (
        ("companies.csv", "acme,Acme", "Acme Inc,Acme"),
        "companies.csv line 2: company_id 'Acme Inc' may hold a-z",
    ),
    "a reserved id": (
        ("applications.csv", "acme,web,", "acme,all,"),
        "applications.csv line 2: app_id 'all' is reserved",
    ),
    "an unknown company": (
        ("applications.csv", "globex,app", "globx,app"),
        "applications.csv line 4: company_id 'globx' is unknown; did you mean 'globex'?",
    ),
    "rules of an unknown company": (
        ("signal_rules.csv", "globex,", "initech,"),
        "signal_rules.csv line 19: company_id 'initech' is not one of acme, globex",
    ),
    "a misspelt parameter": (
        ("signal_rules.csv", "max_health_score", "max_heath_score"),
        "signal_rules.csv line 2: parameter of revenue_at_risk 'max_heath_score' is unknown;"
        " did you mean 'max_health_score'?",
    ),
    "a misspelt type of signal": (
        ("signal_rules.csv", "*,usage_drop,max_ratio", "*,usage_dorp,max_ratio"),
        "signal_rules.csv line 3: signal_type 'usage_dorp' is unknown; did you mean 'usage_drop'?",
    ),
    "a component that is none": (
        ("health_model.csv", "*,breadth", "*,bredth"),
        "health_model.csv line 5: component 'bredth' is unknown; did you mean 'breadth'?",
    ),
    "weights that do not sum": (
        ("health_model.csv", "*,users,10", "*,users,15"),
        "health_model.csv line 6: the weights of * sum to 105, not to 100",
    ),
    "a component without a line": (
        ("health_model.csv", "*,frequency,25,0,12", "*,frequency,25,12,12"),
        "health_model.csv line 3: score_0_at and score_100_at are both '12'",
    ),
    "a component that no row weighs": (
        ("health_model.csv", "*,users,10,0.5,1.0\n", ""),
        "health_model.csv line 5: the weights of * sum to 90, not to 100",
    ),
    "a negative weight": (
        ("health_model.csv", "*,users,10", "*,users,-10"),
        "health_model.csv line 6: weight '-10' is negative",
    ),
    "bands that do not touch": (
        ("health_bands.csv", "*,watch,40", "*,watch,80"),
        "health_bands.csv line 5: the bands of * begin at 0, 80, 70 (at_risk, watch, healthy)",
    ),
    "a band that is missing": (
        ("health_bands.csv", "*,at_risk,0\n", ""),
        "health_bands.csv line 4: the bands of * lack at_risk",
    ),
    "a path that could match nothing": (
        ("page_paths.csv", "acme,*,/tasks/:id", "acme,*,tasks/:id"),
        "page_paths.csv line 2: 'tasks/:id': it must hold that",
    ),
    "a key twice": (
        ("health_model.csv", "*,users,10,0.5,1.0\n", "*,users,5,0.5,1.0\n*,users,5,0.5,1.0\n"),
        "health_model.csv line 7: company_id '*', component 'users' is on line 6 already",
    ),
    "a quote that is not closed": (
        ("companies.csv", "Acme Software", '"Acme Software'),
        "companies.csv line 2: not a CSV row from here on",
    ),
    "an overlong cell": (
        ("companies.csv", "Acme Software", "A" * 5000),
        "companies.csv line 2: a cell of 5,000 characters; at most 4,096",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line(settings: Settings, mistake: str) -> None:
    change, expected = MISTAKES[mistake]
    edit(settings, *change)
    lines = found(settings)
    assert any(line.startswith(expected) for line in lines), lines
    with pytest.raises(ReferenceDataError) as raised:
        raise_if_wrong(settings)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_utf_8_names_the_line(settings: Settings) -> None:
    file = settings.seeds / "companies.csv"
    file.write_bytes(file.read_bytes().replace(b"Globex", "Glöbex".encode("latin-1")))
    assert found(settings) == [
        "companies.csv line 3: byte 0xf6 is not UTF-8; save the file as CSV (UTF-8)"
    ]


def test_files_and_last_columns_may_be_absent(settings: Settings) -> None:
    for file in settings.seeds.glob("*.csv"):
        if file.name not in ("companies.csv", "applications.csv"):
            file.unlink()
    (settings.seeds / "companies.csv").write_text(
        "company_id,name,plan,reporting_currency\nacme,Acme,growth,EUR\n"
    )
    (settings.seeds / "applications.csv").write_text("company_id,app_id\nacme,web\n")
    assert validate(settings) == []
    (settings.seeds / "applications.csv").unlink()
    assert found(settings) == ["applications.csv: is missing; SAAS_TRACKER_SEEDS names its folder"]


def test_unknown_columns_and_own_weights_are_warnings(settings: Settings) -> None:
    edit(settings, "plans.csv", "plan,", "comment,plan,")
    file = settings.seeds / "plans.csv"
    header, *rows = file.read_text().splitlines()
    file.write_text("\n".join([header, *(f",{row}" for row in rows)]) + "\n")
    edit(settings, "health_model.csv", "globex,users,15", "globex,users,20")
    assert found(settings) == []
    assert found(settings, warnings=True) == [
        "health_model.csv line 8: the weights of globex sum to 105, not to 100",
        "plans.csv line 1: column 'comment' is unknown and ignored",
    ]


def test_rows_of_a_company_that_left_are_warnings(settings: Settings) -> None:
    """Its lines in other files apply to nobody; a name that never sent data is a misspelt one."""
    edit(settings, "companies.csv", "globex,Globex,starter,USD,", "")
    assert any("did you mean" in line or "not one of" in line for line in found(settings))
    settings.warehouse.parent.mkdir()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.loaded_files as select 'globex' as company_id")
    assert found(settings) == []
    lines = found(settings, warnings=True)
    assert "applications.csv line 4: company 'globex' has left: the row applies to nobody" in lines


def test_a_signal_needs_its_parameters_of_every_company(settings: Settings) -> None:
    edit(settings, "signal_rules.csv", "*,inactive_paying,inactive_days,30\n", "")
    [line] = found(settings)
    assert line.startswith(
        "signal_rules.csv: inactive_paying has no inactive_days for acme, globex"
    )
    append(settings, "signal_rules.csv", "acme,inactive_paying,inactive_days,30")
    [line] = found(settings)
    assert "for globex" in line


def test_the_parameters_are_those_that_the_models_ask_for() -> None:
    assert signal_parameters("usage_drop") == ("max_ratio", "min_previous_events")
    assert steady_parameters("usage_drop") == (
        *("close_ratio", "use_fleet", "fleet_min_organizations", "hold_days"),
    )
    assert steady_parameters("inactive_paying") == ("hold_days",)
    assert signal_parameters("no_such_signal") == ()
    assert health_components() == ("recency", "frequency", "trend", "breadth", "users")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("acme,usage_drop,hold_days,2.5", "line 20: hold_days is 2.5: it is a number of days"),
        ("acme,usage_drop,hold_days,0", "line 20: hold_days is 0: it is a number of days"),
        ("acme,usage_drop,use_fleet,2", "line 20: use_fleet is 2: it is 1 (yes) or 0 (no)"),
        ("acme,inactive_paying,use_fleet,1", "parameter of inactive_paying 'use_fleet'"),
    ],
)
def test_steady_rules_are_days_and_switches(settings: Settings, row: str, words: str) -> None:
    append(settings, "signal_rules.csv", row)
    [line] = found(settings)
    assert words in line


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("acme,usage_drop,max_ratio,0.9", "opens at max_ratio 0.9 and closes already at close"),
        ("acme,expansion_candidate,min_ratio,1.1", "opens at min_ratio 1.1 and closes already"),
        ("acme,revenue_at_risk,close_health_score,30", "already at close_health_score 30"),
    ],
)
def test_what_opens_does_not_close_at_once(settings: Settings, row: str, words: str) -> None:
    append(settings, "signal_rules.csv", row)
    [line] = found(settings, warnings=True)
    assert "of acme" in line
    assert words in line


def test_a_type_of_signal_without_a_model_yet_may_have_any_parameter(settings: Settings) -> None:
    append(settings, "signal_types.csv", "quiet,true,9,Quiet,Nothing is heard")
    append(settings, "signal_rules.csv", "*,quiet,quiet_days,7")
    assert found(settings) == []
    append(settings, "signal_types.csv", "Not a model,true,10,Odd,Odd")
    [line] = found(settings)
    assert "signal_type 'Not a model' may hold a-z, 0-9 and _ only" in line


def test_a_parameter_of_the_marts_of_tracking_is_there_for_every_company(settings: Settings):
    for row in ("*,billing,grace_days,31\n", "*,missing_billing,bad_at,1\n"):
        edit(settings, "telemetry_rules.csv", row, "")
    append(settings, "telemetry_rules.csv", "acme,billing,grace_days,10")
    assert found(settings) == [
        f"telemetry_rules.csv: {rule} has no {parameter} for {companies}:"
        " add a row, or one for all companies (*)"
        for rule, parameter, companies in (
            ("missing_billing", "bad_at", "acme, globex"),
            ("billing", "grace_days", "globex"),
        )
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("acme,billing,grace_days,", "grace_days of billing has no value: it is a number"),
        ("acme,billing,grace_days,a month", "value 'a month' is not a number"),
        ("acme,invitations,open_days,2.5", "open_days of invitations is 2.5: it is a whole number"),
        ("acme,billing,open_days,30", "parameter of billing 'open_days' is unknown; did you mean"),
        ("acme,mtu,included_calls_per_mtu,0", "included_calls_per_mtu of mtu is 0: leave the cell"),
    ],
)
def test_a_parameter_of_tracking_is_a_number(settings: Settings, row: str, words: str) -> None:
    append(settings, "telemetry_rules.csv", row)
    [line] = found(settings)
    assert words in line


def test_calls_that_a_tracked_user_includes_may_have_no_limit(settings: Settings) -> None:
    append(settings, "telemetry_rules.csv", "acme,mtu,included_calls_per_mtu,")
    assert found(settings) == []


def test_the_parameters_of_tracking_are_those_that_the_models_read() -> None:
    with (DEFAULT_SEEDS / "telemetry_rules.csv").open(encoding="utf-8", newline="") as stream:
        shipped = [(row["rule"], row["parameter"]) for row in csv.DictReader(stream)]
    assert shipped == [(rule, name) for rule, names in PARAMETERS.items() for name in names]
    models = PROJECT_ROOT / "dbt_project" / "models" / "marts" / "tracking"
    texts = "".join(file.read_text("utf-8") for file in models.glob("*.sql"))
    assert {name for _, name in shipped if f"'{name}'" not in texts} == set()


ONE_NAME = {
    "two events of one key": (
        ("tracking_plan.csv", "*,*,Trial Started,billing,,optional,"),
        "event 'Trial Started' and 'trial.started', on line 8, are one name: trial_started",
    ),
    "an event and another's other name": (
        ("tracking_plan.csv", "acme,web,invite_sent,collaboration,,optional,"),
        "event 'invite_sent' and 'user.invited', on line 6, are one name: invite_sent",
    ),
    "two types of group": (
        ("group_types.csv", "acme,Team,4,"),
        "group_type 'Team' and 'workspace', on line 5, are one name: team",
    ),
    "two roles": (
        ("role_weights.csv", "*,Owner,2"),
        "role 'Owner' and 'owner', on line 2, are one name: owner",
    ),
}


@pytest.mark.parametrize("case", ONE_NAME)
def test_names_of_one_key_are_found(settings: Settings, case: str) -> None:
    (name, line), message = ONE_NAME[case]
    number = append(settings, name, line)
    assert found(settings) == [f"{name} line {number}: {message}"]


def test_a_row_of_the_company_takes_the_place_of_the_one_for_all(settings: Settings) -> None:
    append(settings, "tracking_plan.csv", "acme,web,trial.started,growth,,required,Trial Started")
    append(settings, "group_types.csv", "acme,workspace,4,", "acme,squad,5,team")
    assert found(settings) == []
