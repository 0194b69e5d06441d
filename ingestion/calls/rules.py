"""The rules of a call, each once: reason code and the condition under which a row breaks it.

Source: "Reason codes" of the contract. Conditions are DuckDB SQL over the columns of
``ingestion.calls.judging``.
"""

from ingestion.calls.functions import KINDS, WRONG_TYPE
from ingestion.dumps.rules import MAX_AHEAD_DAYS

MAX_ID_CHARACTERS = 255
MAX_GROUP_IDS = 300
MAX_OBJECT_BYTES = 32_768
MAX_ENVIRONMENT_CHARACTERS = 32
_OF_ACTORS = tuple(kind for kind in KINDS if kind != "group")
_TRAITS = ("set_sent", "set_below", "set_once_sent", "unset_sent")


def call_rules() -> dict[str, str]:
    """Reason code to broken-when condition, sorted by code."""
    rules = {
        "kind_missing": "kind = 'missing'",
        "kind_unknown": "kind = 'unknown'",
        "actor_missing": f"kind in {_OF_ACTORS}"
        f" and {_is_unusable('user_sent')} and {_is_unusable('anonymous_sent')}",
        "user_id_wrong_type": f"user_sent = {WRONG_TYPE}",
        "user_id_too_long": _is_too_long("user_sent"),
        "anonymous_id_wrong_type": f"anonymous_sent = {WRONG_TYPE}",
        "anonymous_id_too_long": _is_too_long("anonymous_sent"),
        "previous_id_missing": f"kind = 'alias' and ({_is_unusable('previous_sent')}"
        f" or {_is_too_long('previous_sent')})",
        "event_missing": "kind = 'track' and not has(event_sent)",
        "event_wrong_type": "kind = 'track' and has(event_sent)"
        " and not starts_with(event_sent, '\"')",
        "event_too_long": f"kind = 'track' and length(as_text(event_sent)) > {MAX_ID_CHARACTERS}",
        "group_id_missing": "kind = 'group' and len(group_ids) = 0 and not has_odd_groups",
        "group_id_wrong_type": f"list_contains(group_ids, {WRONG_TYPE})"
        f" or account_id = {WRONG_TYPE}",
        "group_id_too_long": f"len(list_filter(group_ids, lambda g: {_is_too_long('g')})) > 0"
        f" or {_is_too_long('account_id')}",
        "groups_not_an_object": "has_odd_groups",
        "groups_too_many": f"len(group_ids) > {MAX_GROUP_IDS}",
        "group_type_too_long": f"len(list_filter(groups, lambda g: {_is_too_long('g.type')})) > 0",
        "traits_not_an_object": " or ".join(
            f"not starts_with({name}, '{{')" for name in _TRAITS if name != "unset_sent"
        )
        + " or not regexp_matches(unset_sent, '^[{\\[]')",
        "traits_too_large": " or ".join(f"strlen({name}) > {MAX_OBJECT_BYTES}" for name in _TRAITS),
        "properties_not_an_object": "has(properties_sent)"
        " and not starts_with(properties_sent, '{')",
        "properties_too_large": f"strlen(properties_sent) > {MAX_OBJECT_BYTES}",
        "timestamp_invalid": "has(time_sent) and coalesce(sent_at < timestamp '1970-01-01', true)",
        "timestamp_too_far_ahead": f"sent_at > received + interval {MAX_AHEAD_DAYS} day",
        "received_at_invalid": "received is null",
        "session_id_too_long": f"{_is_too_long('plain(session_sent)')}",
        "environment_too_long": f"length(as_text(environment_sent)) > {MAX_ENVIRONMENT_CHARACTERS}",
        "event_id_too_long": _is_too_long("sent_id"),
    }
    return dict(sorted(rules.items()))


def _is_unusable(sent: str) -> str:
    return f"({sent} is null or {sent} = {WRONG_TYPE})"


def _is_too_long(text: str) -> str:
    return f"length({text}) > {MAX_ID_CHARACTERS}"
