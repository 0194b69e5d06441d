"""Values as SQL text."""


def literal(value: object) -> str:
    """A text as a DuckDB literal.

    Bound parameters would do the same, but the first one makes DuckDB import pandas, which takes
    longer than most of what ingestion asks for.
    """
    return "'" + str(value).replace("'", "''") + "'"
