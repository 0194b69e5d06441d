"""One company's rows, raw and reference, put together step by step; and many in one world."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.support import raw_warehouse as raw

Row = dict[str, Any]


def user(name: str | int) -> str:
    """A user hash: 64 characters."""
    return f"{name}".rjust(64, "0")


def at(day: date, clock: str = "12:00:00") -> datetime:
    return datetime.combine(day, time.fromisoformat(clock))


@dataclass
class CompanyRows:
    """A company under construction. Dates are counted back from its as-of date."""

    company_id: str
    as_of: date
    reporting_currency: str = "EUR"
    seeds: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    raw: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.seeds["companies"].append(
            {
                "company_id": self.company_id,
                "name": self.company_id.title(),
                "plan": "growth",
                "reporting_currency": self.reporting_currency,
                "date_order": "",
                "decimal_mark": "",
            }
        )

    def day(self, days_back: int) -> date:
        return self.as_of - timedelta(days=days_back)

    def application(self, app_id: str, **settings: Any) -> None:
        self.seeds["applications"].append(
            {
                "company_id": self.company_id,
                "app_id": app_id,
                "name": app_id,
                "identity_mode": "user",
                "session_inference": "inactivity_gap",
                "session_timeout_minutes": "30",
                "pii_policy": "hashed",
                "mrr_unit": "major",
                **settings,
            }
        )

    def reference(self, file: str, *rows: Row) -> None:
        """Rows of a seeds file that are the company's own."""
        self.seeds[file] += [{"company_id": self.company_id, **row} for row in rows]

    def feature(self, key: str, match_event: str = "", match_path: str = "", app_id="*") -> None:
        self.reference(
            "feature_definitions",
            {
                "app_id": app_id,
                "feature_key": key,
                "feature_name": key.title(),
                "match_event": match_event,
                "match_path": match_path,
            },
        )

    def page(self, path_pattern: str, app_id: str = "*") -> None:
        self.reference("page_paths", {"app_id": app_id, "path_pattern": path_pattern})

    def event(self, org: str, occurred_at: datetime, app_id: str = "web", **fields: Any) -> Row:
        """Append an event, by default dated by its sender and received at once."""
        row = raw.event_row(
            **{
                "company_id": self.company_id,
                "app_id": app_id,
                "event_id": f"e{len(self.raw['events']):05}",
                "customer_org_id": org,
                "event": "login",
                "ts_epoch": int(occurred_at.replace(tzinfo=UTC).timestamp()),
                "received_at": occurred_at,
                **fields,
            }
        )
        self.raw["events"].append(row)
        return row

    def receipt(self, event: Row, received_at: datetime) -> None:
        self.raw["event_receipts"].append(raw.receipt_row(event, received_at))

    def organization(self, org: str, *versions: tuple[datetime, str]) -> None:
        """Import an organization under one name or, at later moments, others."""
        self.raw["organization_versions"] += [
            raw.organization_row(
                number,
                company_id=self.company_id,
                external_org_id=org,
                valid_from=moment,
                display_name=name,
            )
            for number, (moment, name) in enumerate(versions, start=1)
        ]

    def subscription(
        self, org: str, mrr: str, start_at: date, *later: Row, applied_at: datetime, **fields: Any
    ) -> None:
        """Import a subscription; every later dict changes some of its fields."""
        identity = f"sub-{len(self.raw['subscription_versions']):03}"
        version = raw.subscription_row(
            **{
                "company_id": self.company_id,
                "subscription_id": identity,
                "external_org_id": org,
                "product_code": "base",
                "mrr": Decimal(mrr),
                "currency": self.reporting_currency,
                "start_at": start_at,
                "source_subscription_id": identity,
                "valid_from": applied_at,
                **fields,
            }
        )
        self.raw["subscription_versions"].append(version)
        for number, change in enumerate(later, start=2):
            version = {**version, **change, "version_number": number}
            self.raw["subscription_versions"].append(version)

    def is_dismissed(self, org: str, signal_type: str, dismissed_at: date) -> bool:
        """Whether there is such a dismissal: there may be one of a day."""
        key = (org, signal_type, dismissed_at)
        return any(
            key == (row["external_org_id"], row["signal_type"], row["dismissed_at"])
            for row in self.raw["dismissal_versions"]
        )

    def dismissal(self, org: str, signal_type: str, dismissed_at: date, **fields: Any) -> None:
        self.raw["dismissal_versions"].append(
            raw.dismissal_row(
                **{
                    "company_id": self.company_id,
                    "external_org_id": org,
                    "signal_type": signal_type,
                    "dismissed_at": dismissed_at,
                    "valid_from": at(dismissed_at),
                    **fields,
                }
            )
        )


@dataclass(frozen=True)
class World:
    """Companies that share a warehouse, and the reference rows that they share."""

    as_of: date
    companies: tuple[CompanyRows, ...]
    shared_seeds: dict[str, list[Row]]
    month_rule: str = "month_end"

    def raw_rows(self) -> dict[str, list[Row]]:
        tables: dict[str, list[Row]] = defaultdict(list)
        for company in self.companies:
            for table, rows in company.raw.items():
                tables[table] += rows
        tables["event_id_collisions"] = raw.collision_rows(tables["events"])
        tables["call_id_collisions"] = raw.collision_rows(tables["calls"], "call_id")
        return tables

    def seed_rows(self, defaults: dict[str, list[Row]]) -> dict[str, list[Row]]:
        """The shared rows of every file, else its defaults for all, and the companies' own."""
        seeds: dict[str, list[Row]] = {
            "companies": [],
            "applications": [],
            "feature_definitions": [],
            **self.shared_seeds,
        }
        for company in self.companies:
            for file, rows in company.seeds.items():
                if file not in seeds:
                    seeds[file] = [r for r in defaults[file] if r["company_id"] == "*"]
                seeds[file] = seeds[file] + rows
        return seeds
