"""Reference rows that all companies of a world share, one set per world.

A file that a world does not name keeps the project's own defaults.
"""

from typing import Any

Row = dict[str, Any]


def _rates(*rows: tuple[str, str, str]) -> list[Row]:
    return [
        {"rate_date": day, "currency": currency, "units_per_eur": units}
        for day, currency, units in rows
    ]


# Rates that change on D and the day before, a month after D, and a currency known only lately.
_FEW_RATES = _rates(
    ("2023-06-01", "USD", "1.0825"),
    ("2024-12-31", "USD", "1.0389"),
    ("2025-01-14", "USD", "1.0245"),
    ("2025-01-15", "USD", "1.03"),
    ("2025-01-16", "USD", "9.99"),
    ("2024-05-01", "GBP", "0.8"),
    ("2024-11-30", "JPY", "158.4"),
    ("2025-01-01", "JPY", "163.06"),
)

_ENVIRONMENTS = [
    {"environment": "production", "is_production": "true"},
    {"environment": "live", "is_production": "true"},
    {"environment": "staging", "is_production": "false"},
]

_FEATURES_FOR_ALL = [
    {
        "company_id": "*",
        "app_id": "*",
        "feature_key": key,
        "feature_name": key,
        "match_event": match_event,
        "match_path": match_path,
    }
    for key, match_event, match_path in [
        ("invites", "task_*", ""),
        ("invites", "login", "/*"),
        ("everything", "", ""),
    ]
]

_PAGES_FOR_ALL = [
    {"company_id": "*", "app_id": app_id, "path_pattern": pattern}
    for app_id, pattern in [("*", "/reports/:id"), ("*", "/a*"), ("web", "/:page")]
]

_BANDS_FOR_ALL = [
    {"company_id": "*", "health_band": band, "min_score": minimum}
    for band, minimum in [
        ("healthy", "62.5"),
        ("watch", "35"),
        ("at_risk", "0"),
        ("no_recent_activity", ""),
    ]
]

# Every company is on the plan `growth`.
_SMALL_PLAN, _UNLIMITED_PLAN = (
    [{"plan": "growth", "events_limit": events, "applications_limit": apps, "retention_days": ""}]
    for events, apps in (("40", "1"), ("", ""))
)

SHARED_REFERENCES: tuple[dict[str, list[Row]], ...] = (
    {},
    {"exchange_rates": _FEW_RATES, "environments": _ENVIRONMENTS, "plans": _SMALL_PLAN},
    {
        "feature_definitions": _FEATURES_FOR_ALL,
        "health_bands": _BANDS_FOR_ALL,
        "page_paths": _PAGES_FOR_ALL,
        "plans": _UNLIMITED_PLAN,
    },
)
