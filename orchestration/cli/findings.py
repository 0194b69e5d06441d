"""What ``doctor`` says of one thing."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``advice`` says what to mend, where anything is amiss."""

    subject: str
    status: Literal["ok", "warning", "error"]
    message: str
    advice: str = ""
