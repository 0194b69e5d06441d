"""The limits of the quality gates: environment variables of ``.env.example``, one place for all."""

from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT

Share = Annotated[float, Field(ge=0, le=1)]
Gate = Literal["rejects", "volume", "freshness"]
# So many times its usual share of rejects is sudden for a source.
SUDDEN = 3
SOURCES = ("events", "calls", "organizations", "subscriptions", "dismissals")


class Thresholds(BaseSettings):
    """When a gate fails, and whether that blocks. docs/quality.md explains the defaults."""

    model_config = SettingsConfigDict(
        env_prefix="SAAS_TRACKER_QUALITY_",
        env_file=PROJECT_ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
    )

    blocks: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(
            {
                "rejects:events",
                "rejects:calls",
                "rejects:organizations",
                "rejects:subscriptions",
            }
        ),
        description="gates that stop the build, as gate:source; the others warn",
    )
    warn_rejected_share: Share = Field(0.05, description="share of rejected rows that warns")
    max_rejected_share: Share = Field(0.25, description="share of rejected rows that may block")
    min_rows: int = Field(
        200, ge=1, description="rows of a source below which no share of rejects is judged"
    )
    min_volume: float = Field(0.6, ge=0, description="least rows of a day, as share of the usual")
    max_volume: float = Field(3.0, gt=0, description="most rows of a day, as share of the highest")
    stale_hours: float = Field(48.0, gt=0, description="hours without a file that are always fine")
    stale_intervals: float = Field(3.0, gt=0, description="usual intervals without a file")

    @field_validator("blocks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        named = {part.strip() for part in value.split(",")} - {"", "none"}
        known = {f"{gate}:{source}" for gate in get_args(Gate) for source in SOURCES}
        if unknown := sorted(named - known):
            raise ValueError(f"{', '.join(unknown)} is no gate; known: {', '.join(sorted(known))}")
        return frozenset(named)

    def blocking_sources(self, gate: Gate) -> list[str]:
        """The sources for which a gate blocks."""
        return [source for source in SOURCES if f"{gate}:{source}" in self.blocks]

    def is_sudden(self, source: str, rows: int, rejected: int, usual: float) -> bool:
        """Whether rejects block: many of enough rows, and three times the source's usual share."""
        share = rejected / rows if rows else 0.0
        return (
            source in self.blocking_sources("rejects")
            and rows >= self.min_rows
            and share > self.max_rejected_share
            and share > SUDDEN * usual
        )


def read_thresholds() -> Thresholds:
    """The limits as they are set now. Raises UserError that names the variable that is wrong."""
    try:
        return Thresholds()
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"SAAS_TRACKER_QUALITY_{'_'.join(str(part) for part in first['loc']).upper()}"
        raise UserError(f"{variable} is {first['input']!r}: {first['msg']}") from error
