"""Expected rows of all marts of all companies."""

from datetime import date

from tests.oracle.company import Company
from tests.oracle.inputs import CompanyInputs, Row
from tests.oracle.marts import MARTS
from tests.oracle.tracking.marts import TRACKING_MARTS, Tracking


def expected_marts(
    raw: dict[str, list[Row]],
    seeds: dict[str, list[Row]],
    as_of: date,
    month_rule: str = "month_end",
) -> dict[str, list[Row]]:
    """The rows of every mart for all companies of the registry."""
    marts: dict[str, list[Row]] = {name: [] for name in (*MARTS, *TRACKING_MARTS)}
    for registered in seeds["companies"]:
        company_id = registered["company_id"]
        company = Company(CompanyInputs(company_id, as_of, raw, seeds, month_rule))
        tracking = Tracking(company)
        found = {name: rows_of(company) for name, rows_of in MARTS.items()}
        found |= {name: rows_of(tracking) for name, rows_of in TRACKING_MARTS.items()}
        for name, rows in found.items():
            marts[name] += [{"company_id": company_id, **row} for row in rows]
    return marts
