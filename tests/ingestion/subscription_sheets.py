"""Subscription sheets as tests write them."""

from tests.ingestion.place import Place, csv_text

IMPORTS = "acme/imports/subscriptions"
COLUMNS = (
    "external_org_id",
    "product_code",
    "mrr",
    "currency",
    "start_at",
    "end_at",
    "status",
    "source_system",
    "source_subscription_id",
)
BASE = {"external_org_id": "o1", "mrr": "10", "currency": "EUR", "start_at": "2024-01-01"}


def row(number: int, **cells: str) -> dict[str, str]:
    """A good row with a product of its own."""
    return {**BASE, "product_code": f"product-{number}", **cells}


def sheet(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    return csv_text(columns, rows)


def with_organizations(place: Place, *ids: str, company_id: str = "acme") -> None:
    content = csv_text(("org_id", "name"), [(org_id, org_id.upper()) for org_id in ids])
    place.write(f"{company_id}/imports/organizations/orgs.csv", content)
