"""A PostgreSQL server of its own, in a folder, on a free port of 127.0.0.1."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.dagster_server import free_port

PASSWORD = "only-for-tests"


def missing_programs() -> str:
    """Why there can be no server here; empty where there can."""
    if _folder() is None:
        return "no PostgreSQL server (initdb) found: on Debian, apt install postgresql"
    if os.getuid() == 0 and _account() is None:
        return "PostgreSQL does not run as root, and there is no account postgres"
    return ""


@contextmanager
def postgres_server(folder: Path) -> Iterator[dict[str, str]]:
    """Start a server; the variables of ``docs/deploy/env.example`` that lead to it."""
    programs, account = _folder(), _account() if os.getuid() == 0 else None
    data, password_file = folder / "data", folder / "password"
    folder.mkdir(mode=0o755)
    password_file.write_text(PASSWORD)
    if account:
        shutil.chown(folder, account)
        shutil.chown(password_file, account)
        for parent in folder.parents:
            if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)  # pytest's folders are for root only

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(programs / program), *arguments],
            user=account,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=(folder / "log").open("a"),
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, (folder / "log").read_text()

    (folder / "log").touch()
    run("initdb", "--auth=scram-sha-256", "--username=dagster", f"--pwfile={password_file}",
        "--no-sync", "--encoding=UTF8", str(data))  # fmt: skip
    port = free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    run("pg_ctl", "start", "--wait", "-t", "120", "-D", str(data), "-l", str(data / "server.log"),
        "-o", options)  # fmt: skip
    try:
        yield {
            "DAGSTER_PG_HOST": "127.0.0.1",
            "DAGSTER_PG_PORT": str(port),
            "DAGSTER_PG_DB": "dagster",
            "DAGSTER_PG_USER": "dagster",
            "DAGSTER_PG_PASSWORD": PASSWORD,
        }
    finally:
        run("pg_ctl", "stop", "-D", str(data), "-m", "fast")


def psql(variables: dict[str, str], statement: str, database: str = "postgres") -> str:
    """What a statement answers."""
    done = subprocess.run(
        ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", statement,
         "--host", variables["DAGSTER_PG_HOST"], "--port", variables["DAGSTER_PG_PORT"],
         "--username", variables["DAGSTER_PG_USER"], database],
        env={**os.environ, "PGPASSWORD": variables["DAGSTER_PG_PASSWORD"]},
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    return done.stdout.strip()


def _folder() -> Path | None:
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _account() -> str | None:
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None
