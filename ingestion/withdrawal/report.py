"""What a withdrawal does, or did."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class WithdrawnFile:
    """A load of a file that is taken back, with the figures of that load."""

    company_id: str
    kind: str
    path: str
    load_id: str
    rows_accepted: int
    rows_rejected: int


@dataclass(frozen=True)
class CompanyEffect:
    """What it comes to for a company.

    ``events`` are withdrawn, ``returning_events`` of them stay, from a file that sent them, too.
    Days are UTC. ``mrr_before`` and ``mrr_after`` are sums of active subscriptions by original
    currency, as of today.
    """

    company_id: str
    events: int = 0
    returning_events: int = 0
    receipts: int = 0
    calls: int = 0
    organizations_with_events: int = 0
    first_day: date | None = None
    last_day: date | None = None
    organization_versions: int = 0
    subscription_versions: int = 0
    dismissal_versions: int = 0
    rejected_rows: int = 0
    mrr_before: dict[str, Decimal] = field(default_factory=dict)
    mrr_after: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class WithdrawalReport:
    """``read_again`` are later files that are done again; ``gone`` would have to be, too.

    Of import files that are gone raw knows the rows that changed something, of event files
    nothing: what they sent that was there already is lost with the withdrawn rows.
    """

    target: str
    files: list[WithdrawnFile] = field(default_factory=list)
    rejected_files: int = 0
    companies: list[CompanyEffect] = field(default_factory=list)
    read_again: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    applied: bool = False
    withdrawn_at: datetime | None = None
    """When the target was withdrawn, if it was before."""
