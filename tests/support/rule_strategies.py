"""Random reference rows of a company (features, model, rules) and random dismissals."""

from hypothesis import strategies as st

from tests.support.company_rows import CompanyRows

EVENT_PATTERNS = ["", "login", "task_*", "*view", "p*e", "*", "50%*", "*_*", "Log*n"]
PATH_PATTERNS = ["", "/reports/*", "*", "/a_b", "/a%b", "/*", "*42", "/a.b?q=*", "/a*b"]
PAGE_PATTERNS = [
    "/:page",
    "/reports/:id",
    "/:a/:b",
    "/*",
    "*42",
    "/a_b",
    "/a%b",
    "/:a.b",
    "/a.b?q=:*",
    "/:a*b",
    "/Reports/*",
    "/reports/42",
    "/*/:id",
]
SIGNALS = ["revenue_at_risk", "usage_drop", "inactive_paying", "expansion_candidate"]


def add_reference_rows(draw, company: CompanyRows, apps: list[str]) -> None:
    for _ in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(["event", "event", "path", "path", "both"]))
        company.feature(
            draw(st.sampled_from(["reports", "tasks", "Tasks", "search"])),
            "" if kind == "path" else draw(st.sampled_from(EVENT_PATTERNS)),
            "" if kind == "event" else draw(st.sampled_from(PATH_PATTERNS)),
            draw(st.sampled_from(["*", "*", *apps])),
        )
    for pattern, app_id in draw(
        st.lists(
            st.tuples(st.sampled_from(PAGE_PATTERNS), st.sampled_from(["*", *apps])),
            max_size=4,
            unique=True,
        )
    ):
        company.page(pattern, app_id)
    # Frequency, which can always be measured, keeps its weight: a model needs one above 0.
    components = st.sampled_from(["recency", "trend", "breadth", "users"])
    for component in draw(st.lists(components, max_size=4, unique=True)):
        low, high = {"recency": ("45", "2")}.get(component, ("0.1", "0.9"))
        company.reference(
            "health_model",
            {
                "component": component,
                "weight": draw(st.sampled_from(["0", "12.5", "50"])),
                "score_0_at": low,
                "score_100_at": high,
            },
        )
    bands = st.sampled_from([("watch", "55.5"), ("healthy", "80.1")])
    for band, min_score in draw(st.lists(bands, max_size=2, unique=True)):
        company.reference("health_bands", {"health_band": band, "min_score": min_score})
    for signal_type, parameter, value in draw(
        st.lists(
            st.sampled_from(
                [
                    ("revenue_at_risk", "max_health_score", "65"),
                    ("usage_drop", "max_ratio", "0.9"),
                    ("usage_drop", "min_previous_events", "2"),
                    ("inactive_paying", "inactive_days", "7"),
                    ("inactive_paying", "inactive_days", "45"),
                    ("expansion_candidate", "min_health_score", "50"),
                    ("expansion_candidate", "min_ratio", "1.1"),
                    ("expansion_candidate", "min_previous_events", "1"),
                    ("revenue_at_risk", "hold_days", "1"),
                    ("revenue_at_risk", "hold_days", "5"),
                    ("revenue_at_risk", "close_health_score", "90"),
                    ("usage_drop", "use_fleet", "0"),
                    ("usage_drop", "fleet_min_organizations", "2"),
                    ("usage_drop", "fleet_min_organizations", "1"),
                    ("usage_drop", "hold_days", "1"),
                    ("usage_drop", "hold_days", "4"),
                    ("usage_drop", "close_ratio", "1.1"),
                    ("usage_drop", "close_ratio", "0.7"),
                    ("inactive_paying", "hold_days", "2"),
                    ("expansion_candidate", "hold_days", "1"),
                    ("expansion_candidate", "close_ratio", "0.9"),
                    ("expansion_candidate", "use_fleet", "0"),
                ]
            ),
            max_size=9,
            unique_by=lambda rule: rule[:2],
        )
    ):
        company.reference(
            "signal_rules",
            {"signal_type": signal_type, "parameter": parameter, "value": value},
        )


def add_dismissal(draw, company: CompanyRows, orgs: list[str]) -> None:
    org, signal_type = draw(st.sampled_from(orgs)), draw(st.sampled_from(SIGNALS))
    day = company.day(draw(st.one_of(st.integers(-2, 5), st.integers(-2, 90))))
    key = (org, signal_type, day)
    if not company.is_dismissed(*key):
        company.dismissal(
            *key, reason="Known", dismissed_by=draw(st.sampled_from([None, "success"]))
        )
