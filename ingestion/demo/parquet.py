"""Parquet files whose bytes depend on their rows alone."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_PER_GROUP = 100_000


def write_parquet(reader: pa.RecordBatchReader, target: Path) -> int:
    """Write all rows in groups of one size and return their number.

    DuckDB's own writer cuts the groups differently with one thread than with several.
    """
    written, waiting = 0, reader.schema.empty_table()
    with pq.ParquetWriter(target, reader.schema, compression="zstd") as writer:
        for batch in reader:
            waiting = pa.concat_tables([waiting, pa.Table.from_batches([batch])])
            while waiting.num_rows >= ROWS_PER_GROUP:
                writer.write_table(waiting.slice(0, ROWS_PER_GROUP).combine_chunks())
                waiting = waiting.slice(ROWS_PER_GROUP)
                written += ROWS_PER_GROUP
        if waiting.num_rows or not written:
            writer.write_table(waiting.combine_chunks())
    return written + waiting.num_rows
