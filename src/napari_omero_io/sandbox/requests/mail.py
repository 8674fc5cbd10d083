"""Requests that send mail: the sandbox tells what a server without mail tells.

OMERO.server checks a request first, so that clients learn of their own mistakes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from sqlalchemy import select

from napari_omero_io.sandbox.hql import find

from .failure import RequestFailed

if TYPE_CHECKING:
    from .work import Work


def send_mail(work: Work, request: Any) -> Any:
    """Check a mail of an administrator; nobody can be reached.

    Raises
    ------
    RequestFailed
        The caller is no administrator, something is missing, or no sender is set,
        as on any server whose mail is not set up.
    """
    if not work.call.caller.is_admin:
        raise _refuse("no-permissions", "You have no permissions to send email.")
    if not work.call.core.config.get("omero.mail.from"):
        raise _refuse("no-sender", "omero.mail.from cannot be empty.")
    if not request.subject:
        raise _refuse("no-subject", "Email must contain subject.")
    if not request.body:
        raise _refuse("no-body", "Email must contain body.")
    found = find(work.connection, work.call, *_recipients_of(request))
    addresses = {one.email.val for one in found if one.email and one.email.val}
    extra = {one for one in request.extra or () if "@" in one}
    if not addresses | extra:
        raise _refuse("no-recipients", "List of recipients cannot be empty.")
    return omero.cmd.SendEmailResponse(
        total=len(addresses | extra),
        success=0,
        invalidusers=[one.id.val for one in found if not (one.email and one.email.val)],
        invalidemails=sorted({*addresses, *(request.extra or ())}),
    )


def reset_password(work: Work, request: Any) -> Any:
    """Check who wants a new password; it cannot be sent, and so is not made.

    Raises
    ------
    RequestFailed
        Always: nobody is called so, the address is another, or there is no mail.
    """
    if request.omename is None:
        raise RequestFailed("no-omename", "no user is named")
    if request.email is None:
        raise RequestFailed("no-email", "no address is given")
    people = work.call.core.database.tables["Experimenter"]
    # not by a query: the guest, who asks, knows nobody's address
    query = select(people.c.email).where(people.c.omeName == request.omename)
    user = work.connection.execute(query).one_or_none()
    if user is None:
        message = f"No such experimenter: {request.omename}"
        raise _refuse("unknown-user", message)
    if user.email is None:
        raise _refuse("unknown-email", "User has no email address.")
    if user.email != request.email:
        raise _refuse("not-match", "Email address does not match.")
    message = "Mail is not set up on this server."
    raise RequestFailed("mail-send-failed", message, MailException=message)


def _recipients_of(request: Any) -> tuple[str, dict[str, Any]]:
    """Return the query for those who are written to, and its parameters."""
    conditions, parameters = [], {}
    chosen = []
    if request.groupIds:
        chosen.append(
            "e.id in (select m.child.id from GroupExperimenterMap m "
            "where m.parent.id in (:gids))"
        )
        parameters["gids"] = list(request.groupIds)
    if request.userIds:
        chosen.append("e.id in (:eids)")
        parameters["eids"] = list(request.userIds)
    if not chosen and not request.everyone:
        return "select e from Experimenter e where e.id < 0", {}
    if not request.inactive:
        conditions.append(
            "exists (select m from GroupExperimenterMap m "
            "where m.child.id = e.id and m.parent.id = 1)"
        )
    if chosen:
        conditions.append(f"({' or '.join(chosen)})")
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select e from Experimenter e{where} order by e.id", parameters


def _refuse(code: str, message: str) -> RequestFailed:
    return RequestFailed(code, message, ApiUsageException=message)
