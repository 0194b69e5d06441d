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

from ingestion.events import parquet_pages
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


def understated(rows: int, size: int) -> bytes:
    """Parquet with a page per row of long texts, and a footer that says 1 byte of them."""
    columns = {name: pa.array([value] * rows) for name, value in GOOD.items()}
    text = pa.array(["x" * size])
    columns["properties"] = pa.concat_arrays([text] * rows)
    stream = io.BytesIO()
    pq.write_table(
        pa.table(columns), stream, compression="zstd", data_page_size=1, write_batch_size=1,
        use_dictionary=False, write_statistics=False, store_schema=False,
    )  # fmt: skip
    group = pq.ParquetFile(stream).metadata.row_group(0)
    sizes = [group.total_byte_size]
    sizes += [group.column(i).total_uncompressed_size for i in range(group.num_columns)]
    data = stream.getvalue()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    footer = data[start:]
    for number in sizes:
        if number > size:
            footer = footer.replace(varint(number), varint(1, len(varint(number))))
    return data[:start] + footer


def varint(number: int, length: int = 0) -> bytes:
    """An integer of Thrift's compact protocol, zigzag; in more bytes than it needs where asked."""
    value, data = number << 1, b""
    while value > 127 or len(data) + 1 < length:
        data += bytes([value & 127 | 128])
        value >>= 7
    return data + bytes([value])


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


def test_pages_are_held_against_what_the_footer_says(place: Place) -> None:
    """No page is unpacked that asks for more: a footer that lies would pass the other limits."""
    place.write(f"{EVENTS}/pages.parquet", b"").write_bytes(understated(5, 16 * MB))
    place.write(f"{EVENTS}/harmless.parquet", b"").write_bytes(understated(3, 1 * MB))
    place.quick_load()
    [refused] = place.records("rejected_files")
    assert refused["path"] == f"{EVENTS}/pages.parquet"
    assert (
        "row group 1, column properties: its pages unpack to more than the 1" in refused["detail"]
    )
    assert place.rows("loaded_files", "rows_read") == [(3,)]


def test_pages_of_every_writer_are_read(tmp_path: Path) -> None:
    """Their sizes add up to the footer's, headers aside; texts longer than a usual header, too."""
    table = pa.table(
        {
            "event": [f"e{n % 100}" for n in range(5000)],
            "path": [None if n % 7 else "/" * (20_000 if n == 7 else n % 99) for n in range(5000)],
            "properties": pa.array([[("a", n)] for n in range(5000)], pa.map_("string", "int64")),
        }
    )
    for options in (
        {},
        {"data_page_version": "2.0", "compression": "zstd"},
        {"use_dictionary": False, "compression": "none", "write_page_checksum": True},
        {"compression": "gzip", "data_page_size": 1000, "row_group_size": 1700},
    ):
        stream = io.BytesIO()
        pq.write_table(table, stream, **options)
        metadata = pq.ParquetFile(stream).metadata
        for group in map(metadata.row_group, range(metadata.num_row_groups)):
            for chunk in map(group.column, range(group.num_columns)):
                sizes = list(parquet_pages.page_sizes(stream, chunk))
                headers = chunk.total_uncompressed_size - sum(sizes)
                assert 0 < headers <= 45_000 * len(sizes)
                assert headers <= 100 * len(sizes) or chunk.path_in_schema == "path"


def test_settings_are_the_limits() -> None:
    settings = Settings(max_unpacked_gb=0.5, max_unpack_ratio=30, max_line_mb=2, max_rows=7)
    assert settings.limits == Limits(MB << 9, 30, 2 * MB, 7)
    assert Settings().limits == Limits()


# The peak of this process alone: getrusage begins with the memory of the one that started it.
_MEASURED = """
import re, sys
from pathlib import Path
from tests.ingestion.place import Place
Place.at(Path(sys.argv[1])).quick_load()
print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
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
    "pages.parquet": lambda: understated(20, 80 * MB),
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
    assert int(done.stdout.split()[-1]) < 1536  # DuckDB draws a bar before it where it takes long
    found = place.rows("loaded_files", "path") + place.rows("rejected_files", "path")
    assert len(found) == 2
