"""Statements on Spark's Thrift server."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pyhive import hive

from ingestion.errors import UserError
from ingestion.settings import Settings

_CONNECT_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """A session on the server."""

    cursor: Any

    def run(self, statement: str) -> None:
        """Run a statement that has no rows."""
        self.cursor.execute(statement)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query; to ask a statement that has none is an error of the driver's."""
        self.cursor.execute(query)
        rows: list[tuple[Any, ...]] = self.cursor.fetchall()
        return rows


@contextmanager
def spark_server(settings: Settings) -> Iterator[Server]:
    """A session on the server. Raises UserError where nobody answers there."""
    host, port = settings.spark_host, settings.spark_port
    try:
        socket.create_connection((host, port), _CONNECT_SECONDS).close()
    except OSError as error:
        raise UserError(
            f"no Thrift server of Spark answers on {host}:{port}: `make spark-up` starts one on"
            " this machine, SAAS_TRACKER_SPARK_HOST and _PORT name another one"
        ) from error
    with (
        hive.connect(host, port=port, username=settings.spark_user, auth="NONE") as connection,
        connection.cursor() as cursor,
    ):
        yield Server(cursor)
