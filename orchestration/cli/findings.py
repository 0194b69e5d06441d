"""What ``doctor`` says of one thing."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``advice`` says what to do, where anything is amiss."""

    subject: str
    status: Status
    message: str
    advice: str = ""
