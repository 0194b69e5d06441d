"""The fields of an event, each once: name, type, limits, spellings, and its part in the identity.

Source: the table "Event dumps" of the input contract. Readers, rules, hash, work tables and the
table ``raw.events`` follow from this list; docs/add-an-event-field.md says what else a new field
touches.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "whole_number", "time", "json_object"]
Hashed = Literal["always", "if_present", "never"]

_RAW_TYPES = {
    "text": "text",
    "whole_number": "bigint",
    "time": "timestamp",
    "json_object": "text",
}


@dataclass(frozen=True)
class EventField:
    """One field. Lengths are in characters, ``max_bytes`` is of the compact JSON in UTF-8.

    ``spellings`` are the keys under which it is read; of several the first that is present counts.
    ``hashed`` says whether it is part of an event's content: ``if_present`` keeps the hashes, and
    so the derived ids, of all events without the field; ``always`` is for the first fields only.
    """

    name: str
    kind: Kind = "text"
    is_required: bool = False
    max_characters: int | None = None
    exact_characters: int | None = None
    starts_with: str | None = None
    max_bytes: int | None = None
    is_trimmed: bool = False
    accepts_numbers: bool = False
    default: str | None = None
    hashed: Hashed = "if_present"
    spellings: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys under which the field is read."""
        return self.spellings or (self.name,)

    @property
    def raw_type(self) -> str:
        """The type of its column in ``raw.events``; one that ends in ``?`` allows null."""
        is_always_there = self.is_required or self.default is not None or self.kind == "time"
        return _RAW_TYPES[self.kind] + ("" if is_always_there else "?")


# In the order of the columns of raw.events, and of the content that is hashed.
EVENT_FIELDS: tuple[EventField, ...] = (
    EventField("event", is_required=True, max_characters=255, hashed="always"),
    EventField("user_hash", is_required=True, exact_characters=64, hashed="always"),
    EventField(
        "customer_org_id",
        is_required=True,
        max_characters=255,
        is_trimmed=True,
        accepts_numbers=True,
        hashed="always",
    ),
    EventField("path", max_characters=2048, starts_with="/", hashed="always"),
    EventField("session_id", max_characters=255, hashed="always"),
    EventField("ts_epoch", "whole_number", hashed="always"),
    EventField("environment", max_characters=32, default="production", hashed="always"),
    EventField("plan", max_characters=255, hashed="always"),
    EventField("received_at", "time", hashed="never"),
    EventField("properties", "json_object", max_bytes=32_768, hashed="always"),
)

# The sender's id is no part of the content: it says which rows to compare by content.
EVENT_ID = EventField(
    "event_id",
    max_characters=255,
    hashed="never",
    spellings=("event_id", "message_id", "messageId"),
)


def sent_fields() -> tuple[EventField, ...]:
    """Every field that a dump may have."""
    return (*EVENT_FIELDS, EVENT_ID)


def fields_of(*kinds: Kind) -> tuple[EventField, ...]:
    """The fields of some kinds."""
    return tuple(field for field in sent_fields() if field.kind in kinds)
