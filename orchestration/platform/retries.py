"""Which faults are worth another try. All others fail at once: trying again would not help."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

MAX_RETRIES = 3
FIRST_WAIT_SECONDS = 10
_PASSING_ERRNOS = frozenset(
    {
        errno.EAGAIN,
        errno.EBUSY,
        errno.ECONNABORTED,
        errno.ECONNREFUSED,
        errno.ECONNRESET,
        errno.EHOSTUNREACH,
        errno.EINTR,
        errno.ENETDOWN,
        errno.ENETRESET,
        errno.ENETUNREACH,
        errno.EPIPE,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)


def is_transient(error: BaseException | None) -> bool:
    """Whether the fault, or what caused it, is one of a network or of a busy device.

    Mistakes of people (``UserError``), broken data, a full disk and missing rights are not.
    """
    while error is not None:
        if isinstance(error, (ConnectionError, TimeoutError)):
            return True
        if isinstance(error, OSError) and error.errno in _PASSING_ERRNOS:
            return True
        error = error.__cause__ or error.__context__
    return False


def wait_seconds(retry: int) -> int:
    """Before retry number ``retry`` (from 0): 10, 20, 40 seconds."""
    return FIRST_WAIT_SECONDS * 2**retry


@contextmanager
def retried(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Let Dagster repeat the operation after a transient fault, at most ``MAX_RETRIES`` times."""
    try:
        yield
    except Exception as error:
        if not is_transient(error) or context.retry_number >= MAX_RETRIES:
            raise
        wait = wait_seconds(context.retry_number)
        context.log.warning(f"{type(error).__name__}: {error}; next try in {wait} s")
        raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=wait) from error
