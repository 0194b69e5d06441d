"""Great Expectations in a process beside the run: its import takes seconds, while files load."""

import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from multiprocessing import get_context
from multiprocessing.connection import Connection

from ingestion.settings import Settings
from orchestration.quality.suites import Profile, Suite, Verdict

_worker: Connection | None = None


@contextmanager
def validation_worker() -> Iterator[None]:
    """While this lasts, suites are run by a process that has been starting since its begin."""
    global _worker
    context = get_context("spawn")
    _worker, its_end = context.Pipe()
    process = context.Process(target=_serve, args=(its_end,), daemon=True)
    process.start()
    its_end.close()
    try:
        yield
    finally:
        _worker.close()
        _worker = None
        process.terminate()
        process.join()


def validate(
    settings: Settings, profiles: Mapping[Suite, Profile], told: Callable[[str], None]
) -> dict[Suite, Verdict]:
    """As ``validation.validate``: by the worker if there is one."""
    if _worker is None:
        from orchestration.quality.validation import validate as validate_here

        return validate_here(settings, profiles, told)
    _worker.send((settings, [(_plain(suite), profile) for suite, profile in profiles.items()]))
    try:
        answer = _worker.recv()
    except EOFError as error:
        raise RuntimeError("the process that runs Great Expectations is gone") from error
    if isinstance(answer, Exception):
        raise answer
    for suite in profiles:
        told(suite.name)
    return dict(zip(profiles, answer, strict=True))


def _plain(suite: Suite) -> Suite:
    """Without what a kind of suite adds, which may be no data."""
    return Suite(**{field.name: getattr(suite, field.name) for field in fields(Suite)})


def _serve(requests: Connection) -> None:
    """Answer until the other end is closed, also by the death of its process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all: the run decides
    from orchestration.quality.validation import validate as validate_here

    while True:
        try:
            settings, items = requests.recv()
        except EOFError:
            return
        try:
            verdicts = validate_here(settings, dict(items), lambda name: None)
            requests.send([verdicts[suite] for suite, _ in items])
        except Exception as error:  # noqa: BLE001
            traceback.print_exc()
            requests.send(RuntimeError(f"{type(error).__name__}: {error}"))
