"""The files of docs/deploy, used as docs/deploy.md says."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml

from ingestion.settings import PROJECT_ROOT
from orchestration.platform.policy import JOB
from tests.support.dagster_server import BIN, Place, Server, free_port, started
from tests.support.postgres import missing_programs, postgres_server, psql

DEPLOY = PROJECT_ROOT / "docs" / "deploy"


def test_the_instance_of_a_server_differs_from_the_project_s_in_its_storage_only():
    project = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text())
    server = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())
    assert list(project.pop("storage")) == ["custom"]
    assert list(server.pop("storage")) == ["postgres"]
    assert server == project


def test_the_example_environment_names_every_variable_of_the_instance():
    example = (DEPLOY / "env.example").read_text()
    storage = yaml.safe_load((DEPLOY / "dagster.yaml").read_text())["storage"]
    settings = storage["postgres"]["postgres_db"].values()
    for value in [value for value in settings if isinstance(value, dict)]:
        assert f"\n{value['env']}=" in example


@pytest.fixture
def postgres(tmp_path):
    pytest.importorskip(
        "dagster_postgres", reason="dagster-postgres is missing: pip install '.[deploy]'"
    )
    if reason := missing_programs():
        pytest.skip(reason)
    with postgres_server(tmp_path / "postgres") as variables:
        psql(variables, "create database dagster")
        yield variables


@pytest.fixture
def place(tmp_path, postgres) -> Place:
    place = Place(tmp_path, **postgres)
    place.home.mkdir()
    shutil.copy(DEPLOY / "dagster.yaml", place.home)
    place.generate()
    return place


@pytest.mark.slow
def test_runs_are_kept_in_postgresql_and_a_backup_brings_everything_back(place, postgres):
    with services(place) as server:
        run_id = server.launch(JOB)
        assert server.wait(run_id) == "SUCCESS"
        page_behind_nginx(server, place.folder / "nginx")
    runs = "select run_id, status from runs order by 1"
    kept = psql(postgres, runs, "dagster")
    assert f"{run_id}|SUCCESS" in kept
    assert not list(place.home.rglob("*.db")), "something is still kept as SQLite"
    published = published_rows(place)

    backup = script(place, "backup.sh", str(place.folder / "backups")).splitlines()[-1]
    shutil.rmtree(place.folder / "warehouse")
    shutil.rmtree(place.serving)
    psql(postgres, "drop database dagster")
    psql(postgres, "create database dagster")

    script(place, "restore.sh", backup)
    assert psql(postgres, runs, "dagster") == kept
    assert "Loaded   0 files" in place.call("saas-tracker", "run")
    assert published_rows(place) == published


@contextmanager
def services(place: Place) -> Iterator[Server]:
    """The commands of the systemd units, on a free port."""
    port = str(free_port())
    units = [DEPLOY / f"saas-tracker-{name}.service" for name in ("webserver", "daemon")]
    commands = [
        re.search(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)[1]
        .replace("/opt/saas-tracker/.venv/bin", str(BIN))
        .replace("/opt/saas-tracker", str(PROJECT_ROOT))
        .replace("--port 3000", f"--port {port}")
        .split()
        for unit in units
    ]
    with started(place, commands, f"http://127.0.0.1:{port}/tracker") as server:
        yield server


def script(place: Place, name: str, argument: str) -> str:
    done = subprocess.run(
        ["sh", str(DEPLOY / name), argument],
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def published_rows(place: Place) -> dict[str, int]:
    import duckdb

    with duckdb.connect(str(place.serving / "all.duckdb"), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables()").fetchall()
        return {
            table: connection.execute(f"select count(*) from marts.{table}").fetchone()[0]
            for (table,) in tables
        }


def page_behind_nginx(server: Server, folder: Path) -> None:
    """The example location leads to the UI, asks for a password, and passes web sockets on."""
    if shutil.which("nginx") is None and not Path("/usr/sbin/nginx").exists():
        return  # the rest of the proof stands without a proxy
    folder.mkdir()
    location = (DEPLOY / "nginx.conf").read_text()
    upstream = server.url.removesuffix("/tracker")
    location = location.replace("http://127.0.0.1:3000", upstream)
    location = location.replace("/etc/nginx/saas-tracker.htpasswd", str(folder / "htpasswd"))
    pages = "/var/lib/saas-tracker/warehouse/saas_tracker.data_docs"
    assert pages in location
    location = location.replace(pages, str(folder / "pages"))
    (folder / "pages").mkdir()
    (folder / "pages" / "index.html").write_text("the quality gates")
    (folder / "htpasswd").write_text("reader:{PLAIN}secret\n")
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};\n"
        f"server {{ listen 127.0.0.1:{port}; {location} }} }}\n"
    )
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        base = f"http://127.0.0.1:{port}/tracker"
        session = requests.Session()
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=_retries()))
        assert session.get(f"{base}/server_info", timeout=60).status_code == 401
        session.auth = ("reader", "secret")
        assert "dagster_version" in session.get(f"{base}/server_info", timeout=60).json()
        page = session.get(f"{base}/runs", timeout=60).text
        assert '"pathPrefix": "/tracker"' in page
        asked = session.post(f"{base}/graphql", json={"query": "{ version }"}, timeout=60)
        assert asked.json()["data"]["version"]
        docs = f"http://127.0.0.1:{port}/tracker-data-docs/index.html"
        assert requests.get(docs, timeout=60).status_code == 401
        assert session.get(docs, timeout=60).text == "the quality gates"
        handshake = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "c2Fhcy10cmFja2VyLWtleQ==",
            "Sec-WebSocket-Protocol": "graphql-ws",
        }
        switched = session.get(f"{base}/graphql", headers=handshake, timeout=60, stream=True)
        assert switched.status_code == 101
    finally:
        process.terminate()
        process.wait()


def _retries():
    from urllib3 import Retry

    return Retry(connect=10, backoff_factor=0.2)
