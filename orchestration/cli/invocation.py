"""From the words of a command line to an exit code: every failure is one line on stderr."""

import sys
import traceback

import typer
from typer.exceptions import TyperException

from ingestion.errors import UserError
from orchestration.cli.app import app
from orchestration.cli.context import load_settings
from orchestration.cli.output import error_line, fail, note
from orchestration.platform.faults import explained

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
MOST_LINES = 20  # of a list of mistakes
_LONGEST = 500


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its code; errors are one line on stderr."""
    sys.exit(invoke(sys.argv[1:] if arguments is None else arguments))


def invoke(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    try:
        code = app(arguments or ["--help"], prog_name="saas-tracker", standalone_mode=False)
    except TyperException as error:
        hint = f" (saas-tracker {_command_path(arguments)}--help)" if error.exit_code == 2 else ""
        return fail(error_line(error.format_message()) + hint, error.exit_code)
    except UserError as error:
        for line in error.lines[:MOST_LINES]:
            note(line)
        return fail(error_line(str(error)), EXIT_FAILED)
    except (KeyboardInterrupt, typer.Abort):
        return fail("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe (head) has had enough
        return 0
    except Exception as error:  # noqa: BLE001
        return fail(_unexpected(error), EXIT_FAILED)
    return code if isinstance(code, int) else 0


def _unexpected(error: Exception) -> str:
    """A fault that nobody foresaw, as one line; what led to it goes to a file, if there is room."""
    said = f"{type(error).__name__}: {error}"
    try:
        settings = load_settings()
        said = explained(said, settings)
        report = settings.warehouse.with_suffix(".error.log")
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text("".join(traceback.format_exception(error)), "utf-8")
    except (OSError, UserError):
        return error_line(said)[:_LONGEST]
    return f"{error_line(said)[:_LONGEST]} (details: {report})"


def _command_path(arguments: list[str]) -> str:
    groups = {group.name for group in app.registered_groups}
    names: list[str] = []
    for argument in arguments:
        if argument.startswith("-") or len(names) == (2 if groups & {*names[:1]} else 1):
            break
        names.append(argument)
    known = {
        command.name or getattr(command.callback, "__name__", "")
        for command in app.registered_commands
    }
    if not names or names[0] not in known | groups:
        return ""
    return " ".join(names) + " "
