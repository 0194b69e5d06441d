"""Spark's properties that do not depend on the cluster: tables, sessions, and little data."""

FIXED = {
    "spark.executor.cores": "1",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.lake.type": "jdbc",
    "spark.sql.catalog.lake.jdbc.user": "lake",
    "spark.sql.catalog.lake.jdbc.schema-version": "V1",
    # What another engine commits is seen by the next statement.
    "spark.sql.catalog.lake.cache-enabled": "false",
    "spark.sql.defaultCatalog": "lake",
    # dbt opens a connection per model, and each session's catalog would keep connections of its
    # own to the database.
    "spark.sql.hive.thriftServer.singleSession": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # On few cores a small table can wait for the tasks of other statements for long.
    "spark.sql.broadcastTimeout": "3600",
    # Each task writes a part for each of these; the default of 200 is for more cores.
    "spark.sql.shuffle.partitions": "32",
    "spark.ui.enabled": "false",
}
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""Where there is little data, and many statements."""
