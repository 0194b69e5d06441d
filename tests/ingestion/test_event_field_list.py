"""A new field of an event is one line in ``ingestion/event_fields.py``: it arrives in ``raw``."""

import json
import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
import yaml

from ingestion.event_fields import EVENT_FIELDS, EVENT_ID, sent_fields
from ingestion.raw.tables import RAW_TABLES_BY_NAME
from ingestion.settings import PROJECT_ROOT
from tests.ingestion.event_cases import GOOD, HASH
from tests.ingestion.place import Place, parquet_bytes

EVENTS = "acme/apps/web/events"
DOCS = PROJECT_ROOT / "docs"

# Adds two fields to the list before anything reads it, and loads what lies in a place.
ADD_FIELDS = """
import sys
from pathlib import Path
from ingestion import event_fields
from ingestion.event_fields import EventField

event_fields.EVENT_FIELDS += (
    EventField("country", max_characters=2, spellings=("country", "countryCode")),
    EventField("duration_ms", "whole_number", hashed="never"),
)
from tests.ingestion.place import Place
Place.at(Path(sys.argv[1])).load()
"""


def rows_with(country: Any, duration: Any) -> dict[str, Any]:
    return {**GOOD, "country": country, "duration_ms": duration}


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    """Events without the fields by the list as it is, then with them by the longer list."""
    place = module_place
    place.write(f"{EVENTS}/before.jsonl", json.dumps(GOOD))
    place.load()
    lines = [
        GOOD,
        rows_with("de", 5),
        {**GOOD, "countryCode": "fr", "duration_ms": "7"},
        rows_with("deu", 1),
        rows_with(["x"], 1),
        rows_with("it", 1.5),
        rows_with("it", 2**60),
        rows_with("de", 9),
    ]
    place.write(f"{EVENTS}/after.jsonl", "\n".join(map(json.dumps, lines)))
    header = "event,user_hash,customer_org_id,CountryCode,duration_ms\n"
    place.write(f"{EVENTS}/after.csv", f"{header}csv,{HASH},org,at,8\n")
    columns = {name: pa.array([value]) for name, value in rows_with("ch", 9).items()}
    place.write(
        f"{EVENTS}/after.parquet", parquet_bytes(pa.table(columns | {"event": pa.array(["pq"])}))
    )
    subprocess.run(
        [sys.executable, "-c", ADD_FIELDS, str(place.folder)],
        cwd=PROJECT_ROOT,
        check=True,
        capture_output=True,
    )
    return place


def test_a_field_that_is_added_to_the_list_arrives(loaded: Place) -> None:
    assert loaded.rows("events", "event, country, duration_ms", "country is not null") == [
        ("csv", "at", 8),
        (GOOD["event"], "de", 5),
        (GOOD["event"], "de", 9),
        (GOOD["event"], "fr", 7),
        ("pq", "ch", 9),
    ]


def test_its_rules_follow_from_the_list(loaded: Place) -> None:
    assert loaded.rejects(f"{EVENTS}/after.jsonl") == {
        4: "country_too_long",
        5: "country_wrong_type",
        6: "duration_ms_not_an_integer",
        7: "duration_ms_out_of_range",
    }


def test_it_is_part_of_the_content_or_not(loaded: Place) -> None:
    """The event without it keeps its id; another country is another event."""
    figures = loaded.records("loaded_files", f"path = '{EVENTS}/after.jsonl'")
    assert [(row["rows_accepted"], row["rows_duplicate"]) for row in figures] == [(3, 1)]
    # A duration is no content: the second one of equal content in the file.
    [(first,), (second,)] = loaded.rows("events", "event_id", "country = 'de'")
    assert second == f"{first}-2"


def test_the_dbt_source_describes_every_column_of_the_events() -> None:
    path = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "sources.yml"
    [source] = [
        item for item in yaml.safe_load(path.read_text())["sources"] if item["name"] == "raw"
    ]
    [events] = [table for table in source["tables"] if table["name"] == "events"]
    described = {column["name"]: column["data_type"] for column in events["columns"]}
    columns = RAW_TABLES_BY_NAME["events"].duckdb_columns()
    spelled = {"text": "string"}  # as every engine reads it
    assert described == {name: spelled.get(kind, kind) for name, kind in columns.items()}
    assert all(column["description"] for column in events["columns"])


def test_the_fields_that_the_docs_tell_of_are_those_of_the_list() -> None:
    inputs = (DOCS / "inputs.md").read_text()
    for field in sent_fields():
        for key in field.keys:
            assert f"`{key}`" in inputs, key
        for limit in (field.max_characters, field.exact_characters, field.max_bytes):
            assert limit is None or f"{limit:,}" in inputs or str(limit) in inputs, field.name


def test_the_way_to_add_a_field_names_files_that_are_there() -> None:
    text = (DOCS / "add-an-event-field.md").read_text()
    named = [word for word in text.split("`") if word.endswith((".py", ".yml", ".sql", ".md"))]
    assert "ingestion/event_fields.py" in named
    assert [name for name in named if not (PROJECT_ROOT / name).is_file()] == []


def test_every_field_and_spelling_is_there_once() -> None:
    names = [field.name for field in sent_fields()]
    keys = [key for field in sent_fields() for key in field.keys]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)
    assert EVENT_ID not in EVENT_FIELDS
