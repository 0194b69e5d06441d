"""The tracking plan: planned names of events, however they were spelled."""

from tests.oracle.calls.known import KnownCall
from tests.oracle.calls.values import name_key
from tests.oracle.inputs import CompanyInputs, Row

SWITCHED = "account.switched"
_PAGE_NAMES = {"page": "page_view", "screen": "screen_view"}


class TrackingPlan:
    """The plan of a company: its own row of an event wins, one of the application before ``*``."""

    def __init__(self, inputs: CompanyInputs):
        self.rows: dict[tuple[str, str], Row] = {}
        rows = [
            row
            for row in inputs.seeds["tracking_plan"]
            if row["company_id"] in ("*", inputs.company_id)
        ]
        for row in sorted(rows, key=lambda r: (r["company_id"] != "*", r["app_id"] != "*")):
            for name in (row["event"], *(row["also_sent_as"] or "").split("|")):
                if name:
                    self.rows[row["app_id"], name_key(name)] = row

    def row(self, app_id: str, event: str) -> Row | None:
        key = name_key(event)
        return self.rows.get((app_id, key)) or self.rows.get(("*", key))

    def row_of(self, call: KnownCall) -> Row | None:
        return self.row(call.app_id, call.event) if call.kind == "track" else None

    def name_of(self, call: KnownCall) -> str:
        """The event's name in the marts."""
        if call.kind != "track":
            return _PAGE_NAMES[call.kind]
        row = self.row_of(call)
        return row["event"] if row else call.event

    def level_of(self, call: KnownCall) -> str | None:
        """The type of group that the plan wants for the event."""
        row = self.row_of(call)
        return row["group_level"] or None if row else None
