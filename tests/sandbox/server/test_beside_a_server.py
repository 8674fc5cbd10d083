"""Stores opened beside a running server's, as importing does."""

from __future__ import annotations

from contextlib import ExitStack

from sqlalchemy import select

from napari_omero_io.sandbox.config import Options
from napari_omero_io.sandbox.folder import claim
from napari_omero_io.sandbox.server import open_core


def open_sessions(core):
    table = core.database.tables["Session"]
    with core.database.read() as connection:
        query = select(table.c.id).where(table.c.closed.is_(None))
        return list(connection.execute(query).scalars())


def test_a_guest_leaves_open_what_the_owner_has_open(tmp_path):
    options = Options(tmp_path)
    with ExitStack() as owner, ExitStack() as guest:
        core = open_core(options, owner)
        table = core.database.tables["Session"]
        with core.database.write() as connection:
            connection.execute(table.update().values(closed=None))
        mine = open_sessions(core)
        assert mine
        (tmp_path / "pixels" / "incoming-mine").mkdir()
        (tmp_path / "files" / "incoming-mine").touch()

        open_core(options, guest)

        assert open_sessions(core) == mine
        assert (tmp_path / "pixels" / "incoming-mine").exists()
        assert (tmp_path / "files" / "incoming-mine").exists()
    with ExitStack() as stack:
        later = open_core(options, stack)
        assert open_sessions(later) == []
        assert not (tmp_path / "pixels" / "incoming-mine").exists()
        assert not (tmp_path / "files" / "incoming-mine").exists()


def test_a_claim_ends_with_its_holder(tmp_path):
    with ExitStack() as stack:
        open_core(Options(tmp_path), stack)
    with claim(tmp_path):
        pass
