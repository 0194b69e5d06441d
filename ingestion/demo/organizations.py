"""The demo's customer organizations: each lives one of a few stories, which sets its usage."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from ingestion.demo.profiles import COMPANIES, Company, Size

# The order of the cycle puts every story among the first organizations of a small data set.
_CYCLE = (
    "steady growing declining stopped onboarding free unknown churned sparse imported_only "
    "reactivated mismatched fading steady growing steady churned steady free declining "
    "steady steady growing churned sparse steady unknown free steady stopped "
    "steady churned growing steady fading steady reactivated steady sparse free"
)
STORIES = _CYCLE.split()

NEVER_SEEN = ("onboarding", "imported_only")

_FIRST_WORDS = (
    "Amber Atlas Aurora Basalt Beacon Birch Blue Bright Cedar Cobalt Copper Coral Crimson Delta "
    "Ember Falcon Fjord Granite Harbor Hazel Indigo Iron Ivory Juniper Lunar Maple Meridian Mosaic "
    "North Opal Orchid Pioneer Quartz River Sable Silver Summit Tidal Velvet Willow"
)
_SECOND_WORDS = (
    "Analytics Bakery Biotech Builders Cargo Clinics Cloud Design Dynamics Energy Farms Foods "
    "Freight Hotels Insurance Labs Logistics Marine Media Mobility Motors Networks Optics Partners "
    "Printing Rail Retail Robotics Software Solar Sports Steel Studios Systems Telecom Textiles "
    "Tools Travel Ventures Works"
)
_ENDINGS = ("GmbH", "Ltd", "Inc", "SA", "AB", "BV", "Group", "Co")


@dataclass(frozen=True)
class Organization:
    """One customer organization; days are dates, ``trend`` is the log growth per day.

    Usage averages ``weight`` a day between ``first_day`` and ``last_day`` but for the gap, falls on
    the share ``activity`` of the days, and follows ``trend`` over the last ``trend_days``.
    """

    number: int
    company_id: str
    external_org_id: str
    sent_org_id: str
    display_name: str
    story: str
    weight: float
    activity: float
    users: int
    adoption: float
    first_day: date
    last_day: date
    gap_from: date
    gap_to: date
    trend: float
    trend_days: int
    plan: str
    customer_since: date

    @property
    def is_imported(self) -> bool:
        """Whether it is in the customer list."""
        return self.story != "unknown"


def split_by_company(organizations: int) -> dict[str, int]:
    """Two thirds for the first company, the rest for the second; at least one each."""
    first = min(max(round(organizations * 2 / 3), 1), organizations - 1)
    return {COMPANIES[0].company_id: first, COMPANIES[1].company_id: organizations - first}


def build_organizations(size: Size) -> list[Organization]:
    """All organizations of all demo companies, numbered through."""
    built: list[Organization] = []
    for company in COMPANIES:
        for position in range(split_by_company(size.organizations)[company.company_id]):
            built.append(_build(company, position, len(built) + 1, size))
    return built


def _build(company: Company, position: int, number: int, size: Size) -> Organization:
    rng = Random(f"{size.seed}:{company.company_id}:{position}")
    story = STORIES[position % len(STORIES)]
    scale = (1 / (0.05 + 0.95 * rng.random())) ** 0.7
    users = 1 + int(scale**1.4 * (2 + 3 * rng.random()))
    weight, trend, trend_days = _usage(story, rng)
    last_day = size.as_of - timedelta(days=_quiet_days(story, size, rng))
    first_day = _first_day(story, size, rng)
    gap_to = size.as_of - timedelta(days=min(60, size.days // 3))
    gap_from = gap_to - timedelta(days=min(70, size.days // 3) if story == "reactivated" else 0)
    external_org_id = company.id_template.format(
        position + 1 if company.has_source_ids else 4_000 + position
    )
    return Organization(
        number=number,
        company_id=company.company_id,
        external_org_id=external_org_id,
        sent_org_id=_sent_id(external_org_id, story),
        display_name=_display_name(position, rng),
        story=story,
        weight=weight * scale,
        activity=_activity(story, rng),
        users=users,
        adoption=0.45 if story in ("sparse", "declining") else 0.7 + 0.3 * rng.random(),
        first_day=first_day,
        last_day=last_day,
        gap_from=gap_from,
        gap_to=gap_to,
        trend=trend,
        trend_days=min(trend_days, size.days // 2),
        plan="free" if story == "free" else rng.choice(("team", "team", "business")),
        customer_since=_customer_since(story, first_day, size, rng),
    )


def _usage(story: str, rng: Random) -> tuple[float, float, int]:
    """(weight, trend, days of the trend)."""
    if story in NEVER_SEEN:
        return 0.0, 0.0, 0
    if story == "growing":
        return 0.6, 0.014 + 0.010 * rng.random(), 60
    if story == "declining":
        return 2.0, -0.045 - 0.02 * rng.random(), 70
    if story == "fading":
        return 1.2, -0.018 - 0.006 * rng.random(), 60
    if story in ("stopped", "churned"):
        return 1.2, -0.04, 50
    return {"sparse": 0.12, "unknown": 0.3, "free": 0.5}.get(story, 1.0), 0.0, 0


def _activity(story: str, rng: Random) -> float:
    if story == "sparse":
        return 0.06 + 0.1 * rng.random()
    if story == "declining":
        return 0.3
    if story == "growing":
        return 0.85
    return 0.3 + 0.7 * rng.random()


def _quiet_days(story: str, size: Size, rng: Random) -> int:
    """How many days before ``as_of`` the last day of usage lies."""
    if story == "stopped":
        return min(34 + rng.randrange(40), size.days)
    if story == "declining":
        return min(9 + rng.randrange(12), size.days)
    if story == "churned":
        return min(12 + rng.randrange(max(size.days - 60, 1)), size.days)
    return 1


def _first_day(story: str, size: Size, rng: Random) -> date:
    is_old = rng.random() < 0.6 or story not in ("steady", "free", "unknown", "sparse")
    later = 0 if is_old else rng.randrange(max(size.days * 2 // 3, 1))
    return size.first_day + timedelta(days=later)


def _customer_since(story: str, first_day: date, size: Size, rng: Random) -> date:
    if story == "onboarding":
        return size.as_of - timedelta(days=3 + rng.randrange(18))
    if first_day > size.first_day:
        # A trial of two weeks comes before the first invoice.
        return first_day + timedelta(days=14)
    return size.as_of - timedelta(days=size.days // 2 + 60 + rng.randrange(1_000))


def _sent_id(external_org_id: str, story: str) -> str:
    """The id on events: of a mismatched organization in another spelling."""
    if story != "mismatched":
        return external_org_id
    return (
        external_org_id.upper().replace("_", "-")
        if "_" in external_org_id
        else (external_org_id[:2] + "-" + external_org_id[2:])
    )


def _display_name(position: int, rng: Random) -> str:
    # 7 and 11 are coprime to the number of words: neighbours differ, pairs repeat late.
    firsts, seconds = _FIRST_WORDS.split(), _SECOND_WORDS.split()
    first = firsts[position * 7 % len(firsts)]
    second = seconds[(position // len(firsts) + position * 11) % len(seconds)]
    return f"{first} {second} {rng.choice(_ENDINGS)}"
