"""The lake: tables in Apache Iceberg, which Spark writes and DuckDB reads (docs/spark.md).

Its modules import pyiceberg and PyHive, which only ``make setup-spark`` installs: other rooms
import them where the target is ``spark``.
"""
