"""PostgreSQL goes away in the middle of a load: one clear sentence, and nothing lost after it.

Each happens when so many bytes of the load have gone to the server: between transactions, and
within one. Bytes are counted by a proxy between the two.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from conftest import Server
from proxy import Proxy
from undisturbed import AFTER, BEFORE, Begun, Standing, apply_prepared, go_on, in_postgres

from minns.errors import TargetError

#: After how many bytes to the server; the whole load sends some 220 000.
MOMENTS = (500, 30_000, 90_000, 150_000)


@dataclass(frozen=True)
class Known:
    """A load, and its end when nobody disturbs it."""

    server: Server
    begun: Begun
    end: dict[str, Any]


@pytest.fixture(scope="module")
def known(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Known:
    begun = in_postgres(postgres_server, tmp_path_factory.mktemp("cut"), BEFORE, AFTER)
    whole = begun.copies()
    apply_prepared(whole, begun.change)
    return Known(postgres_server, begun, whole.everything())


@pytest.fixture
def place(known: Known) -> Iterator[Standing]:
    """A copy of the record; afterwards, whatever happened, the server is up."""
    yield known.begun.copies()
    if not known.server.answers():
        known.server.start()


def through(proxy: Proxy, place: Standing) -> Standing:
    """The same record by way of the proxy."""
    url = sa.make_url(place.url).set(port=proxy.port)
    return Standing(url.render_as_string(hide_password=False), place.schema)


def broken(known: Known, place: Standing, after: int, do: Callable[[Proxy], None]) -> None:
    """Load until it is disturbed: the operator is told what happened, and what to do."""
    with Proxy(known.server.port, after, do) as proxy:
        with pytest.raises(TargetError) as caught:
            apply_prepared(through(proxy, place), known.begun.change, proxy.arm)
        assert proxy.done.is_set()
    assert caught.value.exit_code == 6
    assert "run again: it goes on where it was broken off." in str(caught.value)


def mended(known: Known, place: Standing) -> None:
    """Run again: the end is that of a load that nobody disturbed."""
    assert place.everything() != known.end
    assert 0 < go_on(place, known.begun.change).total
    assert place.everything() == known.end
    assert go_on(place, known.begun.change, "run-3").total == 0


@pytest.mark.parametrize("after", MOMENTS)
def test_the_server_is_stopped_and_started(known: Known, place: Standing, after: int) -> None:
    broken(known, place, after, lambda _: known.server.stop())
    with pytest.raises(TargetError, match="a shared record that answers"):
        go_on(place, known.begun.change)
    known.server.start()
    mended(known, place)


@pytest.mark.parametrize("after", MOMENTS)
def test_the_connection_is_ended_by_the_server(known: Known, place: Standing, after: int) -> None:
    def end(_: Proxy) -> None:
        with psycopg.connect(known.server.url("postgres", "")) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
                [sa.make_url(place.url).database],
            )

    broken(known, place, after, end)
    mended(known, place)


@pytest.mark.parametrize("after", MOMENTS)
def test_the_connection_is_cut(known: Known, place: Standing, after: int) -> None:
    broken(known, place, after, Proxy.cut)
    mended(known, place)
