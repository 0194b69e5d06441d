"""One module per vendor's shape; a new vendor is one more, and a place in this list."""

from ingestion.calls.vendors.amplitude import AMPLITUDE
from ingestion.calls.vendors.mixpanel import MIXPANEL
from ingestion.calls.vendors.posthog import POSTHOG
from ingestion.calls.vendors.segment import SEGMENT
from ingestion.calls.vendors.vendor import Vendor

VENDORS: tuple[Vendor, ...] = (AMPLITUDE, MIXPANEL, POSTHOG, SEGMENT)
VENDOR_BY_FOLDER = {name: vendor for vendor in VENDORS for name in vendor.names}

__all__ = ["VENDORS", "VENDOR_BY_FOLDER", "Vendor"]
