"""Files that unpack to far more than they are: refused with the setting to raise."""

import gzip
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.limits import Limits
from ingestion.settings import PROJECT_ROOT, Settings
from tests.ingestion.event_cases import GOOD, HASH
from tests.ingestion.place import Place, parquet_bytes

EVENTS = "acme/apps/web/events"
MB = 1 << 20
HEADER = b"event,user_hash,customer_org_id\n"
ROW = f"x,{HASH},org\n".encode()
SMALL = Limits(
    unpacked_bytes=8 * MB, line_bytes=MB // 4, rows=1000, import_bytes=MB, import_rows=100
)


def packed(size: int, byte: bytes = b"\n") -> bytes:
    """One byte, very often, as gzip."""
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=1) as file:
        for _ in range(size // MB):
            file.write(byte * MB)
    return stream.getvalue()


def repeated_text(rows: int, size: int) -> bytes:
    """Parquet whose one long text is repeated: kilobytes that unpack to as much as one likes."""
    columns = {name: pa.array([value] * rows) for name, value in GOOD.items()}
    indices = pa.array([0] * rows, pa.int32())
    columns["properties"] = pa.DictionaryArray.from_arrays(indices, ["x" * size])
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, dictionary_pagesize_limit=2 * size)
    return stream.getvalue()


# Path, bytes, and the setting that the refusal names.
EXCESSES: dict[str, tuple[bytes, str]] = {
    f"{EVENTS}/size.jsonl.gz": (packed(9 * MB, b" "), "MAX_UNPACKED_GB"),
    f"{EVENTS}/size.parquet.gz": (packed(9 * MB), "MAX_UNPACKED_GB"),
    f"{EVENTS}/size.parquet": (repeated_text(9, MB), "MAX_UNPACKED_GB"),
    f"{EVENTS}/line.csv": (HEADER + b"x" * MB, "MAX_LINE_MB"),
    f"{EVENTS}/quoted.csv": (HEADER + b'"' + b"x" * MB, "MAX_LINE_MB"),
    f"{EVENTS}/rows.csv": (HEADER + ROW * 1001, "MAX_ROWS"),
    f"{EVENTS}/rows.jsonl": (b"{}\n" * 1001, "MAX_ROWS"),
    f"{EVENTS}/rows.parquet": (parquet_bytes(pa.table({"event": ["x"] * 1001})), "MAX_ROWS"),
    "acme/imports/organizations/rows.csv": (
        b"external_org_id,display_name\n" + b"o,p\n" * 101,
        "MAX_IMPORT_ROWS",
    ),
    "acme/imports/organizations/size.csv": (
        b"external_org_id,display_name\n" + b"o,p\n" * MB,
        "MAX_IMPORT_MB",
    ),
}


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    place = module_place
    place.limits = SMALL
    for path, (data, _) in EXCESSES.items():
        place.write(path, b"").write_bytes(data)
    place.write(f"{EVENTS}/good.csv", HEADER + ROW)
    place.quick_load()
    return place


@pytest.mark.parametrize("path", EXCESSES)
def test_what_exceeds_a_limit_is_refused_and_names_the_setting(loaded: Place, path: str) -> None:
    [row] = loaded.records("rejected_files", f"path = '{path}'")
    assert row["reason"] == "unreadable_file"
    assert f"SAAS_TRACKER_{EXCESSES[path][1]}" in row["detail"]
    assert loaded.rows("loaded_files", "path", f"path = '{path}'") == []


def test_what_keeps_the_limits_is_loaded(loaded: Place) -> None:
    assert loaded.rows("loaded_files", "path, rows_accepted") == [(f"{EVENTS}/good.csv", 1)]


def test_the_ratio_counts_from_64_megabytes_on(place: Place) -> None:
    """Equal lines pack well: a short dump of them is no bomb."""
    line = f'{{"event": "x", "user_hash": "{HASH}", "customer_org_id": "o"}}\n'.encode()
    place.write(f"{EVENTS}/short.jsonl.gz", line * 4000)
    place.write(f"{EVENTS}/newlines.jsonl.gz", b"").write_bytes(packed(70 * MB))
    place.quick_load()
    [refused] = place.records("rejected_files")
    assert refused["path"] == f"{EVENTS}/newlines.jsonl.gz"
    assert "more than 200 times its size" in refused["detail"]
    assert place.rows("loaded_files", "rows_read") == [(4000,)]


def test_settings_are_the_limits() -> None:
    settings = Settings(max_unpacked_gb=0.5, max_unpack_ratio=30, max_line_mb=2, max_rows=7)
    assert settings.limits == Limits(MB << 9, 30, 2 * MB, 7)
    assert Settings().limits == Limits()


_MEASURED = """
import resource, sys
from pathlib import Path
from tests.ingestion.place import Place
Place.at(Path(sys.argv[1])).quick_load()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""

BOMBS: dict[str, Callable[[], bytes]] = {
    "unclosed.csv": lambda: HEADER + b'"' + ROW * 700_000,
    "unclosed-line.csv": lambda: HEADER + b'"' + b"x" * (50 * MB),
    "quotes.csv": lambda: HEADER + b'"' * (15 * MB),
    "endless.csv": lambda: HEADER + b"x" * (200 * MB),
    "endless.jsonl": lambda: b"x" * (200 * MB),
    "zeros.parquet.gz": lambda: packed(4096 * MB, b"\0"),
    "newlines.jsonl.gz": lambda: packed(1024 * MB),
    "newlines.csv.gz": lambda: gzip.compress(HEADER) + packed(1024 * MB),
    "newlines.csv": lambda: HEADER + b"\n" * (100 * MB),
    "commas.csv": lambda: HEADER + b"," * (15 * MB) + b"\n",
    "repeated.parquet": lambda: repeated_text(20_000, MB),
    "long-lines.jsonl": lambda: (b'{"x": "' + b"x" * (MB - 16) + b'"}\n') * 300,
    "long-cells.csv": lambda: HEADER + (b"x," + b"y" * (MB - 16) + b"\n") * 300,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory(tmp_path: Path, name: str) -> None:
    place = Place(tmp_path / "place")
    place.write(f"{EVENTS}/{name}", b"").write_bytes(BOMBS[name]())
    place.write(f"{EVENTS}/good.csv", HEADER + ROW)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(place.folder)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert int(done.stdout) < 1536
    found = place.rows("loaded_files", "path") + place.rows("rejected_files", "path")
    assert len(found) == 2
