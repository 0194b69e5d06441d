"""Configuration of what runs the pipeline: alerts, retention, links. ``.env.example`` lists it."""

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT


class OperationsSettings(BaseSettings):
    """Read from the environment like ``ingestion.settings.Settings``, which knows no Dagster."""

    model_config = SettingsConfigDict(
        env_prefix="SAAS_TRACKER_",
        env_file=PROJECT_ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,  # the webhook's address is a secret
    )

    alert_webhook: SecretStr | None = Field(None, description="URL that failed runs are posted to")
    alert_after_failures: int = Field(1, ge=1, description="failed runs in a row before an alert")
    keep_runs_days: int = Field(30, ge=0, description="age of the oldest run records; 0 keeps all")
    ui_url: HttpUrl | None = Field(None, description="address of the Dagster UI, for links")
    data_docs_url: HttpUrl | None = Field(
        None, description="address at which the pages of the quality gates are served, for links"
    )
    source_url: HttpUrl | None = Field(
        None, description="web address of this repository (GitHub, GitLab), for links to code"
    )
    source_branch: str = Field("main", description="branch of the links to code")

    @field_validator("alert_webhook")
    @classmethod
    def _is_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("an address starts with http:// or https://")
        return value


def load_operations() -> OperationsSettings:
    """The settings. Raises UserError that names the variable that cannot be understood."""
    try:
        return OperationsSettings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        variable = f"SAAS_TRACKER_{str(first['loc'][0]).upper()}"
        raise UserError(f"{variable}: {first['msg']}") from error
