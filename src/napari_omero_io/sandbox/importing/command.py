"""``napari-omero-io sandbox import``: files into a data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import omero.model
from omero.rtypes import rstring
from sqlalchemy import select

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.core import Call
from napari_omero_io.sandbox.errors import ApiUsage, SandboxError
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.store.saving import save

from .objects import Wish
from .storing import import_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_omero_io.sandbox.core import Core


def import_files(
    core: Core, paths: Sequence[Path], user: str = "root", dataset: str | None = None
) -> Iterator[tuple[Path, str | SandboxError]]:
    """Import files one by one; one that fails leaves the others be.

    A file that belongs to one that was imported before it is passed over.

    Parameters
    ----------
    user
        Whose the images will be.
    dataset
        Name of the user's dataset to put them into; made when it is not there.

    Yields
    ------
    A file, and what became of it: a sentence, or an error.

    Raises
    ------
    ApiUsage
        There is no such user.
    """
    call = call_as(core, user)
    dataset_id = _find_or_make_dataset(call, dataset) if dataset else None
    done: dict[Path, Path] = {}
    for path in paths:
        if path.resolve() in done:
            yield path, f"{path.name} came with {done[path.resolve()].name}"
            continue
        try:
            stored = import_set(call, path, Wish(dataset_id=dataset_id))
        except SandboxError as error:
            yield path, error
            continue
        done |= {one.resolve(): path for one in stored.others}
        made = [f"Plate:{id_}" for id_ in stored.plate_ids]
        made += [f"Image:{one.image_id} {one.name}" for one in stored.images]
        yield path, f"{path.name} → {', '.join(made)}"


def call_as(core: Core, user: str) -> Call:
    """Return a call that the sandbox makes itself, in a user's name."""
    users = core.database.tables["Experimenter"]
    with core.database.read() as connection:
        user_id = connection.execute(
            select(users.c.id).where(users.c.omeName == user)
        ).scalar()
        if user_id is None:
            raise ApiUsage(f"There is no user called {user}.")
        return Call(core, caller_for(connection, core.database.tables, user_id))


def _find_or_make_dataset(call: Call, name: str) -> int:
    text = "select d from Dataset d where d.name = :name and d.details.owner.id = :id"
    parameters = {"name": name, "id": call.caller.user_id}
    with call.core.database.write() as connection:
        found = hql.find(connection, call, text, parameters)
        if found:
            return int(found[0].id.val)
        dataset = omero.model.DatasetI()
        dataset.name = rstring(name)
        (saved,) = save(connection, call, [dataset])
        return int(saved.id.val)
