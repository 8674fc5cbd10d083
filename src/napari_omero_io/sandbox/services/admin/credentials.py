"""The part of IAdmin that changes passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from napari_omero_io.sandbox.accounts import find_user
from napari_omero_io.sandbox.errors import ApiUsage, Internal, Invalid, NotAllowed
from napari_omero_io.sandbox.passwords import is_right, read_hash
from napari_omero_io.sandbox.rules.caller import ROOT_ID
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.rules.roles import (
    require_admin,
    require_no_escalation,
    require_privilege,
)
from napari_omero_io.sandbox.store.directory import directory

from .incoming import text_of

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call, Core


class Credentials:
    """Changes passwords."""

    _core: Core

    def changePassword(self, call: Call, new: Any) -> None:
        """Change one's own password, in a session that began with the old one."""
        call.require_password()
        self._store(call, call.caller.user_id, new)

    def changePasswordWithOldPassword(self, call: Call, old: Any, new: Any) -> None:
        """Change one's own password, knowing the old one."""
        user_id, tables = call.caller.user_id, self._core.database.tables
        with self._core.database.read() as connection:
            stored = read_hash(connection, tables, user_id)
        if not stored or not is_right(text_of(old), stored):
            raise NotAllowed("Old password is invalid")
        self._store(call, user_id, new)

    def changeUserPassword(self, call: Call, name: str, new: Any) -> None:
        """Change another's password, as an administrator or leader of a group."""
        call.require_password()
        self._change_for(call, name, new)

    def _change_for(self, call: Call, name: str, new: Any) -> None:
        database = self._core.database
        with database.read() as connection:
            user_id = find_user(connection, database, name)
            if user_id is None:
                raise ApiUsage(f"No such experimenter: {name}")
            found = caller_for(connection, database.tables, user_id)
        if not set(found.member_of) & set(call.caller.leader_of):
            require_privilege(call.caller, "ModifyUser")
        require_no_escalation(call.caller, found.privileges)
        self._store(call, user_id, new)

    def reportForgottenPassword(self, call: Call, name: str, email: str) -> None:
        """Check who wants a new password, which cannot be sent: there is no mail.

        Raises
        ------
        NotAllowed
            Nobody is called so, or has another address.
        ApiUsage
            An administrator's password is set by another administrator.
        Internal
            The mail cannot be sent; the password stays as it is.
        """
        if name is None or email is None:
            raise ApiUsage("Unexpected null username or e-mail.")
        people = self._core.database.tables["Experimenter"]
        query = select(people.c.id, people.c.email).where(people.c.omeName == name)
        with self._core.database.read() as connection:
            row = connection.execute(query).one_or_none()
            reason = _reason_to_refuse(row, email)
            if reason is not None:
                raise NotAllowed(reason)
            assert row is not None
            tables = self._core.database.tables
            if caller_for(connection, tables, row.id).is_admin:
                raise ApiUsage(
                    "Cannot reset password of administrators. Have another "
                    "administrator set the new password."
                )
        raise Internal(
            "Password was not changed because email could not be sent to user: "
            f"{name}. This server sends no mail."
        )

    def synchronizeLoginCache(self, call: Call) -> None:
        """Do nothing but check the role: logins are not cached."""
        require_admin(call.caller)

    def _store(self, call: Call, user_id: int, new: Any) -> None:
        if user_id == ROOT_ID and not text_of(new):
            raise Invalid("Root needs a password.")
        with directory(self._core.database, call.caller) as changes:
            changes.store_password(user_id, text_of(new))


def _reason_to_refuse(row: Any, email: str) -> str | None:
    """Say why somebody's password cannot be reset."""
    if row is None:
        return "Unknown user."
    if row.email is None:
        return "User has no email address."
    return None if row.email == email else "Email address does not match."
