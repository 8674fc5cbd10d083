"""The part of IAdmin that keeps a picture of its user."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.model
from omero.rtypes import rlong, rstring

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rules.caller import ROOT_ID, USER_GROUP_ID
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.store.saving import save

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core

PHOTO_NAMESPACE = "openmicroscopy.org/omero/experimenter/photo"


class Photos:
    """Keeps a picture of whoever calls."""

    _core: Core

    def getMyUserPhotos(self, call: Call) -> list[Any]:
        """Return the files with pictures that the caller attached to themselves."""
        query = (
            "select f from FileAnnotation a join a.file f where a.ns = :ns and a.id in "
            "(select l.child.id from ExperimenterAnnotationLink l "
            "where l.parent.id = :id)"
        )
        values = {"ns": PHOTO_NAMESPACE, "id": call.caller.user_id}
        with self._core.database.read() as connection:
            found: list[Any] = find(connection, call, query, values)
        return found

    def uploadMyUserPhoto(
        self, call: Call, name: str, mimetype: str, content: bytes
    ) -> int:
        """Keep a picture of the caller in place of an older one; return its file's id.

        It lies in the group `user`, where everybody may see it.

        Raises
        ------
        ApiUsage
            There is no picture.
        """
        if not name or not content:
            raise ApiUsage("A picture needs a name and a content.")
        content = bytes(content)
        own = replace(call, caller=replace(call.caller, group_id=USER_GROUP_ID))
        photos = self.getMyUserPhotos(own)
        file = photos[0] if photos else omero.model.OriginalFileI()
        file._name, file._path = rstring(name), rstring(name)
        file._mimetype, file._size = rstring(mimetype), rlong(len(content))
        with self._core.database.write() as connection:
            if photos:
                (saved,) = save(connection, own, [file])
            else:
                saved = _attach(connection, own, file)
        file_id = int(saved._id.getValue())
        self._core.files.truncate(file_id, 0)
        self._core.files.write(file_id, 0, content)
        return file_id


def _attach(connection: Connection, own: Call, file: Any) -> Any:
    """Save a file with a picture and link it to its user; return the file.

    Only administrators may link something to users by themselves.
    """
    note = omero.model.FileAnnotationI()
    note._ns, note._file = rstring(PHOTO_NAMESPACE), file
    (saved,) = save(connection, own, [note])
    tables, user = own.core.database.tables, own.caller
    root = caller_for(connection, tables, ROOT_ID, session_id=user.session_id)
    link = omero.model.ExperimenterAnnotationLinkI()
    link._parent = omero.model.ExperimenterI(user.user_id, False)
    link._child = omero.model.FileAnnotationI(saved._id.getValue(), False)
    save(connection, replace(own, caller=root), [link])
    return saved._file
