"""What is generated: the demo companies, their applications, and the sizes to choose from."""

from dataclasses import dataclass, field
from datetime import date, timedelta

DEFAULT_ORGANIZATIONS = 120
DEFAULT_DAYS = 180
DEFAULT_EVENTS = 80_000

DAILY_FILES = 28
"""The last four weeks arrive as one file a day; what lies before is a back-fill by month."""

MAX_EVENTS_PER_FILE = 2_000_000
"""A month of a large data set is cut into several files, which bounds memory."""

MAX_DELAY_DAYS = 6
"""How many days later a late event may be received."""


class DemoError(ValueError):
    """The data set cannot be generated as asked; the message says what to change."""


@dataclass(frozen=True)
class Size:
    """How much to generate. ``as_of`` is the day after the last day with events."""

    organizations: int
    days: int
    events: int
    seed: int
    as_of: date

    def __post_init__(self) -> None:
        for name, least, most in (
            ("organizations", 2, 1_000_000),
            ("days", 1, 3_650),
            ("events", 1, 2_000_000_000),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise DemoError(f"{name} must be from {least} to {most}, not {value}")
        if not date(2000, 1, 1) <= self.as_of - timedelta(days=self.days):
            raise DemoError(f"{self.days} days before {self.as_of} lie before the year 2000")

    @property
    def first_day(self) -> date:
        """The first day that may have events."""
        return self.as_of - timedelta(days=self.days)


@dataclass(frozen=True)
class Application:
    """An application and how its collector writes events."""

    company_id: str
    app_id: str
    number: int
    weight: float
    weekend: float
    used_by: float
    has_session_id: float
    other_environment: str
    kinds: tuple[tuple[float, str, str | None], ...]
    """(upper bound of the roll, event, path); ``#`` in a path stands for a number."""

    @property
    def folder(self) -> str:
        """The folder of its event files below the landing root."""
        return f"{self.company_id}/apps/{self.app_id}/events"


@dataclass(frozen=True)
class Company:
    """A demo company: its share of the organizations and how its billing system writes."""

    company_id: str
    currencies: tuple[str, ...]
    id_template: str
    has_source_ids: bool
    applications: tuple[Application, ...] = field(default=())


WEB_KINDS = (
    (0.22, "page_view", "/dashboard"),
    (0.40, "page_view", "/tasks/#"),
    (0.52, "task_created", "/tasks/#"),
    (0.62, "task_completed", "/tasks/#"),
    (0.69, "comment_added", "/tasks/#"),
    (0.77, "page_view", "/reports/#"),
    (0.83, "dashboard_viewed", "/dashboard/#"),
    (0.89, "report_exported", "/reports/#"),
    (0.92, "page_view", "/settings/members"),
    (0.95, "user_invited", "/settings/members"),
    (0.97, "integration_connected", "/settings/integrations"),
    (1.00, "login", None),
)
MOBILE_KINDS = (
    (0.30, "page_view", "/inbox"),
    (0.55, "page_view", "/tasks/#"),
    (0.70, "task_created", "/tasks/#"),
    (0.82, "comment_added", "/tasks/#"),
    (0.94, "task_created", "/offline/tasks/#"),
    (1.00, "login", None),
)
GLOBEX_KINDS = (
    (0.25, "page_view", "/dashboard"),
    (0.40, "dashboard_viewed", "/dashboard/#"),
    (0.60, "api_call", "/api/v1/orders"),
    (0.72, "page_view", "/reports/#"),
    (0.82, "report_exported", "/reports/#"),
    (0.90, "page_view", "/settings/billing"),
    (0.95, "integration_connected", "/settings/integrations"),
    (0.98, "user_invited", "/settings/members"),
    (1.00, "login", None),
)

COMPANIES = (
    Company(
        company_id="acme",
        currencies=("EUR",) * 14 + ("USD",) * 3 + ("GBP",) * 2 + ("CHF",),
        id_template="org_{:05d}",
        has_source_ids=True,
        applications=(
            Application("acme", "web", 1, 1.0, 0.15, 1.0, 0.8, "staging", WEB_KINDS),
            Application("acme", "mobile", 2, 0.35, 0.4, 0.6, 0.6, "test", MOBILE_KINDS),
        ),
    ),
    Company(
        company_id="globex",
        currencies=("USD",) * 14 + ("EUR",) * 4 + ("GBP",) * 2,
        id_template="{:d}",
        has_source_ids=False,
        applications=(
            Application("globex", "app", 3, 1.0, 0.2, 1.0, 0.0, "development", GLOBEX_KINDS),
        ),
    ),
)
