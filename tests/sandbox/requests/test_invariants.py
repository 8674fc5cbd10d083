"""Whatever is asked for on whatever graph: groups stay apart, failures change nothing.

Random people make random objects and ask for random requests.  After each request no
object refers to one of another group, in a private group none refers to another
owner's, no reference leads nowhere; and a request that was refused, or only tried,
has left every row as it was.
"""

from __future__ import annotations

import os
import random
from typing import Any

import omero.all
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io.sandbox.errors import NotAllowed
from napari_omero_io.sandbox.rules.borders import references

PEOPLE = ("mia", "ned", "lea")
PRIVATE = "secret"
LEVELS = ("rw----", "rwr---", "rwra--", "rwrw--")
#: How many plays; more find more.
PLAYS = int(os.environ.get("NOIO_PLAYS", "5"))
#: People may look at what everybody sees.
EVERYBODYS = (0, 1)


class Play:
    """One random play; the same number plays the same."""

    def __init__(self, desk: Any, number: int) -> None:
        self.desk = desk
        self.chance = random.Random(number)
        self.core = desk.society.core
        self.made: list[tuple[str, int]] = []

    def someone(self) -> Any:
        group = self.chance.choice(("lab", "lab", "lab", PRIVATE, "bench"))
        people = ("ned", "lea") if group == "bench" else PEOPLE
        return self.desk.call(self.chance.choice(people), group)

    def keep(self, saved: Any) -> Any:
        kind = type(saved).__name__.removesuffix("I")
        self.made.append((kind, saved.id.val))
        return saved

    def make_something(self) -> None:
        desk, call = self.desk, self.someone()
        kind = self.chance.choice(
            ("Project", "Dataset", "Folder", "Image", "Image", "Image", "Screen")
        )
        if kind != "Image":
            self.keep(desk.make(call, kind))
            return
        fileset = None
        if self.chance.random() < 0.3:
            prefix = rstring("x/")
            fileset = self.keep(desk.make(call, "Fileset", templatePrefix=prefix))
        for _ in range(self.chance.choice((1, 1, 2))):
            image = self.keep(desk.image(call, fileset=fileset, channels=1))
            roi = omero.model.RoiI()
            roi.image = omero.model.ImageI(image.id.val, False)
            roi.addShape(omero.model.PointI())
            self.keep(desk.save(call, roi))

    def join_something(self) -> None:
        """Link two objects, or let one use the other, where that is allowed."""
        call = self.someone()
        parents = [one for one in self.made if one[0] in LINKS]
        if not parents:
            return
        kind, id_ = self.chance.choice(parents)
        child_kind = self.chance.choice(LINKS[kind])
        children = [one for one in self.made if one[0] == child_kind]
        parent = getattr(omero.model, f"{kind}I")(id_, False)
        try:
            if child_kind in NOTES:
                field = {"textValue": rstring("note")}
                note = self.keep(self.desk.make(call, child_kind, **field))
                self.desk.link(call, parent, note)
            elif child_kind == "settings":
                image = self.read(call, "Image", id_)
                if image is not None:
                    self.desk.settings(call, image)
            elif child_kind == "Instrument":
                image = self.read(call, "Image", id_)
                if image is not None:
                    known = [one for one in self.made if one[0] == "Instrument"]
                    if not known or self.chance.random() < 0.5:
                        self.keep(self.desk.make(call, "Instrument"))
                        known = self.made[-1:]
                    instrument = self.chance.choice(known)[1]
                    image.instrument = omero.model.InstrumentI(instrument, False)
                    self.desk.save(call, image)
            elif children:
                child = getattr(omero.model, f"{child_kind}I")
                number = self.chance.choice(children)[1]
                self.desk.link(call, parent, child(number, False))
        except (NotAllowed, ValueError, LookupError):
            pass
        except Exception as error:  # refused for a reason of the graph, not a fault
            if type(error).__module__ != NotAllowed.__module__:
                raise

    def read(self, call: Any, kind: str, id_: int) -> Any:
        from napari_omero_io.sandbox.hql import find

        fetch = " left outer join fetch x.pixels" if kind == "Image" else ""
        text = f"select x from {kind} x{fetch} where x.id = {id_}"
        with self.core.database.read() as connection:
            return next(iter(find(connection, call, text)), None)

    def request(self) -> Any:
        chance, society = self.chance, self.desk.society
        kind = chance.choice(("Delete2", "Chgrp2", "Chgrp2", "Chown2", "Duplicate"))
        request = getattr(omero.cmd, kind)()
        if chance.random() < 0.1:
            request = omero.cmd.Chmod2()
            request.permissions = chance.choice(
                ("rw----", "rwr---", "rwra--", "rwrw--")
            )
            group = society.groups[chance.choice(("lab", "bench"))]
            request.targetObjects = {"ExperimenterGroup": [group]}
        else:
            picked = chance.sample(self.made, min(len(self.made), chance.randint(1, 3)))
            request.targetObjects = {}
            for name, id_ in picked:
                request.targetObjects.setdefault(name, []).append(id_)
        if kind == "Chgrp2" and not isinstance(request, omero.cmd.Chmod2):
            request.groupId = society.groups[chance.choice(("lab", PRIVATE, "bench"))]
        if kind == "Chown2" and not isinstance(request, omero.cmd.Chmod2):
            request.userId = society.users[chance.choice(PEOPLE)]
        request.dryRun = chance.random() < 0.2
        return request

    def rows(self) -> dict[str, Any]:
        """Return everything there is."""
        tables = self.core.database.tables
        found = {}
        with self.core.database.read() as connection:
            for name, table in tables.metadata.tables.items():
                if name in tables and self.core.model[name].is_enum:
                    continue
                rows = connection.execute(table.select()).all()
                found[name] = sorted(map(repr, rows))
        return found

    def check(self) -> None:
        tables = self.core.database.tables
        with self.core.database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            groups = tables["ExperimenterGroup"]
            permissions = {
                row.id: row.permissions for row in connection.execute(groups.select())
            }
            for one in self.core.model.classes.values():
                if one.ancestors or one.is_global:
                    continue
                for column, target in references(tables, one.name):
                    self.check_column(connection, one.name, column, target, permissions)

    def check_column(
        self, connection: Any, name: str, column: Any, target: str, permissions: Any
    ) -> None:
        query = (
            "SELECT a.id, a.group_id, b.group_id, a.owner_id, b.owner_id"
            f' FROM "{name}" a JOIN "{target}" b ON a."{column.name}" = b.id'
        )
        for id_, group, other, owner, owner2 in connection.exec_driver_sql(query):
            what = f"{name}:{id_}.{column.name} -> {target}"
            assert group == other or other in EVERYBODYS, what
            if permissions[group] == -120:
                assert owner == owner2, f"{what} in a private group"


NOTES = ("CommentAnnotation", "TagAnnotation")
LINKS = {
    "Project": ("Dataset", *NOTES),
    "Dataset": ("Image", *NOTES),
    "Folder": ("Image", "Roi"),
    "Image": ("settings", "Instrument", *NOTES),
    "Roi": NOTES,
    "Fileset": ("TagAnnotation",),
}


@pytest.mark.parametrize("number", range(PLAYS))
def test_groups_stay_apart_and_failures_change_nothing(desk: Any, number: int) -> None:
    play = Play(desk, number)
    for _ in range(6):
        play.make_something()
    outcomes = []
    for _ in range(15):
        for _ in range(2):
            play.join_something()
        if play.chance.random() < 0.3:
            play.make_something()
        play.check()
        call, request = play.someone(), play.request()
        if play.chance.random() < 0.3:
            call = desk.call("root", "system")
        before = play.rows()
        response = desk.submit(call, request).getResponse(call)
        failed = isinstance(response, omero.cmd.ERR)
        assert not failed or response.parameters.get("exception") in (
            None,
            "NotAllowed",
            "ResourceFault",
        ), response
        outcomes.append(failed)
        if failed or request.dryRun:
            assert play.rows() == before, response
        play.check()
    assert not all(outcomes)
