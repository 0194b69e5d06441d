"""What two calls have to agree in to be one: the hash of a call's content as it is stored.

Source: "Identity and duplicates" of the contract.
"""

_FREE_TEXTS = ("event", "account_id", "path", "session_id", "environment")
_OTHERS = (
    "company_id",
    "app_id",
    "vendor",
    "kind",
    "user_hash",
    "anonymous_hash",
    "previous_hash",
    "groups",
    "traits",
    "properties",
)
# Without a time and an id of its own, a row is identified by when it was received.
_TIMES = (
    "epoch_us(sent_at)",
    "case when sent_at is null and sender_id is null then epoch_us(sent_received_at) end",
)


def content_hash_sql() -> str:
    """SQL: hash of the content of a row.

    Lengths come first, so that no text can be taken for the end of one and the beginning of the
    next; an absent value is written as an empty one, which no field may be.
    """
    lengths = (f"strlen({name})" for name in _FREE_TEXTS)
    merge = "case when is_merge then 'merge' end"
    values = (*lengths, *_FREE_TEXTS, *_OTHERS, *_TIMES, merge)
    texts = ", ".join(f"coalesce(cast({value} as varchar), '')" for value in values)
    return f"md5(concat_ws(chr(31), {texts}))"
