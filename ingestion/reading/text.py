"""Text as people send it: one meaning of "trimmed" and of "its beginning" for Python and SQL."""

RAW_TEXT_BYTES = 8_192
MASK = "[masked]"  # in place of personal data in the kept text of a row

# What Python's ``str.strip`` takes away.
_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


def trimmed_sql(value: str) -> str:
    """DuckDB SQL: the value without white space around it; null where nothing is left."""
    spaces = " || ".join(f"chr({ord(space)})" for space in _SPACES)
    classes = "".join(f"\\x{{{ord(space):x}}}" for space in _SPACES)
    # Trimming by a set of characters is slow, and few values need it. One expression for both ends
    # would search the whole text.
    is_padded = (
        f"regexp_matches({value}, '^[{classes}]') or regexp_matches({value}, '[{classes}]$')"
    )
    return f"case when {is_padded} then nullif(trim({value}, {spaces}), '') else {value} end"


def beginning(text: str) -> str:
    """The first RAW_TEXT_BYTES of a text in UTF-8, without half a character at the end."""
    return text.encode()[:RAW_TEXT_BYTES].decode(errors="ignore")


def beginning_sql(text: str) -> str:
    """DuckDB SQL for ``beginning``."""
    cuts = ", ".join(
        f"try(decode(encode({text})[1:{length}]))"
        for length in range(RAW_TEXT_BYTES, RAW_TEXT_BYTES - 4, -1)
    )
    return f"case when strlen({text}) > {RAW_TEXT_BYTES} then coalesce({cuts}) else {text} end"
