"""A small Spark cluster on this machine, to try the warehouse's second engine (docs/spark.md)."""
