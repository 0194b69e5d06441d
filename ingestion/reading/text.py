"""White space as people paste it: one meaning of "trimmed" for Python and for SQL."""

# What Python's ``str.strip`` takes away.
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


def trimmed_sql(value: str) -> str:
    """DuckDB SQL: the value without white space around it; null where nothing is left."""
    spaces = " || ".join(f"chr({ord(space)})" for space in _SPACES)
    classes = "".join(f"\\x{{{ord(space):x}}}" for space in _SPACES)
    # Trimming by a set of characters is slow, and few values need it.
    is_padded = f"regexp_matches({value}, '^[{classes}]|[{classes}]$')"
    return f"case when {is_padded} then nullif(trim({value}, {spaces}), '') else {value} end"
