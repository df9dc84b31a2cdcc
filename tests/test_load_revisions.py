"""A record made by an earlier version becomes one of this version, with all that it holds."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from desired_rows import Place, document, person

import load
from load import migrations
from load.schema import target_metadata
from minns.errors import TargetError
from minns.model import TARGET

STATE = {"person": [person("p")], "document": [document("d", "å")]}


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'record.db'}", None)
    return Place(request.getfixturevalue("postgres_url"), "record")


def first_revision(place: Place) -> None:
    """A record of the first revision that holds the rows of `STATE`."""
    place.load(STATE)
    rows = {name: place.rows(name) for name in ("load", *TARGET)}
    with place.connected() as connection, connection.begin():
        metadata = sa.MetaData(schema=place.schema)
        metadata.reflect(connection, views=True)
        views = [t for t in metadata.tables.values() if t.name.startswith("current_")]
        for view in views:
            connection.exec_driver_sql(f"drop view {view.fullname}")
            metadata.remove(view)
        metadata.drop_all(connection)
        config = migrations.settings(connection, place.schema)
        command.upgrade(config, "0001")
        made = sa.MetaData(schema=place.schema)
        made.reflect(connection)
        for table in made.sorted_tables:
            if rows.get(table.name):
                connection.execute(table.insert(), rows[table.name])


def differences(place: Place) -> list[object]:
    """What Alembic would still change."""
    keys = place.schema is not None
    with place.connected() as connection:
        if place.schema:
            connection.exec_driver_sql(f"set search_path to {place.schema}")
        options = {"compare_type": keys, "version_table": migrations.VERSION}
        context = MigrationContext.configure(connection, opts=options)
        found = compare_metadata(context, target_metadata(None, keys=keys))
        return [difference for difference in found if "view" not in str(difference[0])]


def test_a_new_record_is_as_the_model_says(place: Place) -> None:
    place.load(STATE)
    assert differences(place) == []


def test_an_earlier_record_is_upgraded_and_keeps_its_rows(place: Place) -> None:
    first_revision(place)
    before = place.everything()
    assert before["document"]
    with pytest.raises(sa.exc.NoSuchTableError):
        place.rows("seal")
    assert place.load(STATE, run_id="run-2").total == 0
    assert place.everything() == before
    assert place.rows("alembic_version") == [{"version_num": "0002"}]
    place.load({**STATE, "person": [person("q")]}, run_id="run-2")
    assert differences(place) == []


def test_an_earlier_record_can_be_looked_at_without_touching_it(place: Place) -> None:
    first_revision(place)
    assert not place.foreign()
    place.by_hand("update {document} set body = 'annat'")
    assert place.foreign() == {"document": (1, 0, 0, 0)}
    assert place.rows("alembic_version") == [{"version_num": "0001"}]


def test_a_newer_record_is_refused_in_one_sentence(place: Place) -> None:
    place.load(STATE)
    with place.connected() as connection, connection.begin():
        name = f"{place.schema}.alembic_version" if place.schema else "alembic_version"
        connection.exec_driver_sql(f"update {name} set version_num = '9999'")
    before = place.everything()
    with pytest.raises(TargetError, match="made; found one of another version"):
        load.open_target(place.url, place.schema)
    assert place.everything() == before


def test_a_killed_upgrade_leaves_the_earlier_record(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_revision(place)
    before = place.everything()
    monkeypatch.setattr("load.opening._make_views", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.open_target(place.url, place.schema)
    assert place.rows("alembic_version") == [{"version_num": "0001"}]
    assert place.everything() == before
