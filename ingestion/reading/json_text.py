"""JSON as DuckDB reads it, and as everybody else does: SQL over texts."""

# DuckDB's JSON parser lets a comma before a closing bracket pass, and NaN and Infinity (any case).
_COMMA_LENIENCY = r",\s*[}\]]"
_NUMBER_LENIENCY = r"[\[:,]\s*-?(?i:nan|inf)"
# Every spelling holds one of these; looking for them costs half of the expression above.
_NUMBER_HINTS = ("nan", "Nan", "aN", "An", "AN", "inf", "Inf", "nF", "Nf", "NF")
_JSON_STRING = r'"(?:[^"\\]|\\.)*"'


def is_strict_object_sql(text: str) -> str:
    """Whether a text that DuckDB reads as JSON is an object, and JSON to everybody else."""
    return f"(regexp_matches({text}, '^\\s*\\{{') and {is_strict_sql(text)})"


def is_strict_sql(text: str) -> str:
    """Whether a text that DuckDB reads as JSON is JSON to everybody else."""
    # Text inside strings may look like a leniency, so the few suspects are looked at without it.
    bare = f"regexp_replace({text}, '{_JSON_STRING}', '\"\"', 'g')"
    hints = " or ".join(f"contains({text}, '{hint}')" for hint in _NUMBER_HINTS)
    return f"""(case when regexp_matches({text}, '{_COMMA_LENIENCY}')
            then not regexp_matches({bare}, '{_COMMA_LENIENCY}') else true end
        and case when {hints}
            then not regexp_matches({bare}, '{_NUMBER_LENIENCY}') else true end)"""


def whole_number_text_sql(number: str) -> str:
    """SQL: 42 and 42.0 are both '42'; a number too long for a double keeps its digits."""
    value = f"try_cast({number} as double)"
    return f"""case when regexp_full_match({number}, '-?[0-9]+') then {number}
        when abs({value}) < 1e15 and floor({value}) = {value}
            then cast(cast({value} as bigint) as varchar)
        else {number} end"""
