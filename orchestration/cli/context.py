"""Settings for the commands, with configuration mistakes as one-line errors."""

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.cli.output import note


def load_settings() -> Settings:
    """The settings. Raises UserError that names the variable that cannot be understood."""
    from pydantic import ValidationError

    try:
        return Settings()
    except UnicodeDecodeError as error:
        raise UserError(f"{PROJECT_ROOT / '.env'} is not UTF-8: save it as such") from error
    except ValidationError as error:
        first = error.errors()[0]
        variable = f"SAAS_TRACKER_{'_'.join(str(part) for part in first['loc']).upper()}"
        raise UserError(
            f"{variable} is {first['input']!r}: {first['msg'].removeprefix('Value error, ')}"
        ) from error


def warn_of_reference_data(settings: Settings) -> None:
    """Validate the reference data and print its warnings. Raises ReferenceDataError on errors."""
    from ingestion.seeds.validation import raise_if_wrong, validate

    raise_if_wrong(settings)
    for problem in validate(settings):
        note(f"warning: {problem}")
