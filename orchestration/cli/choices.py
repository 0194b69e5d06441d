"""What options and arguments can be."""

from enum import StrEnum


class ImportKind(StrEnum):
    """What an import file holds."""

    organizations = "organizations"
    subscriptions = "subscriptions"
    dismissals = "dismissals"


class SignalType(StrEnum):
    """The signals that an organization can have."""

    revenue_at_risk = "revenue_at_risk"
    usage_drop = "usage_drop"
    inactive_paying = "inactive_paying"
    expansion_candidate = "expansion_candidate"
