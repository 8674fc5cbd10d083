"""Whose data there is to look at: the user's groups and their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import row_queries
from .facts import MemberRecord, Membership
from .translate import translated
from .wire import make_parameters, unbox

if TYPE_CHECKING:
    from .connection import Connection


def list_members(connection: Connection) -> list[Membership]:
    """Read the groups that the user is in, or all of them for an administrator."""
    user = connection.user
    text = row_queries.MEMBERS.format(mine="" if user.is_admin else row_queries.MINE)
    wanted = (
        make_parameters() if user.is_admin else make_parameters(user=connection.user.id)
    )
    with translated("list the groups"):
        rows = connection.service("query").projection(
            text, wanted, connection.context()
        )
    groups: dict[tuple[int, str], list[MemberRecord]] = {}
    for row in rows:
        group_id, group, member_id, name, first, last = map(unbox, row)
        full_name = " ".join(filter(None, (first, last)))
        member = MemberRecord(member_id, name, full_name)
        groups.setdefault((group_id, group), []).append(member)
    return [
        Membership(group_id, name, tuple(members))
        for (group_id, name), members in groups.items()
    ]
