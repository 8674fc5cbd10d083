"""Who may see a row, and who may do what with it.  Pure: no database, no Ice.

OMERO's objects own no permissions.  What counts is the group an object lies in,
who owns the object, and who asks.  A group's permissions travel as the signed
64-bit number ``perm1``: every bit set, except those of missing rights.

=========  ========  =============================
text       perm1     a group's members …
=========  ========  =============================
`rw----`   -120      see only what is their own
`rwr---`   -56       read what others own
`rwra--`   -40       … and annotate it
`rwrw--`   -8        … and change it
=========  ========  =============================
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, or_, true

from napari_omero_io.sandbox.errors import ApiUsage

from .caller import ALL_GROUPS, USER_GROUP_ID, Caller

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from napari_omero_io.sandbox.schema.model import ModelClass

PRIVATE = -120
READ_ONLY = -56
READ_ANNOTATE = -40
READ_WRITE = -8
EVERYTHING = -1

#: ``perm1`` without a single right.
_NO_RIGHTS = -1912


class Role(IntEnum):
    """Whose rights: the shift of the role's three bits in ``perm1``."""

    WORLD = 0
    GROUP = 4
    USER = 8


class Right(IntEnum):
    """The bit of a right within a role.  WRITE implies ANNOTATE."""

    ANNOTATE = 1
    WRITE = 2
    READ = 4


class Restrictions(NamedTuple):
    """What a caller may *not* do with an object, in the order of OMERO's list."""

    link: bool
    edit: bool
    delete: bool
    annotate: bool
    chgrp: bool
    chown: bool


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What the rules ask of a class.

    Attributes
    ----------
    is_global
        The class has no owner and no group: users, groups, enumerations, sessions.
    """

    name: str
    is_global: bool
    is_chgrp_target: bool
    is_chown_target: bool


def has_right(perm1: int, role: Role, right: Right) -> bool:
    """Tell whether permissions give a right to a role."""
    bits = perm1 >> role
    if right is Right.ANNOTATE:
        return bool(bits & (Right.ANNOTATE | Right.WRITE))
    return bool(bits & right)


def permissions_text(perm1: int) -> str:
    """Write permissions as OMERO does, such as ``rwra--``."""
    text = ""
    for role in (Role.USER, Role.GROUP, Role.WORLD):
        text += "r" if has_right(perm1, role, Right.READ) else "-"
        if has_right(perm1, role, Right.WRITE):
            text += "w"
        else:
            text += "a" if has_right(perm1, role, Right.ANNOTATE) else "-"
    return text


def parse_permissions(text: str) -> int:
    """Read permissions such as ``rwra--`` into ``perm1``.

    Raises
    ------
    ApiUsage
        The text is not three pairs of ``r`` or ``-`` and ``w``, ``a`` or ``-``.
    """
    if len(text) != 6:
        raise ApiUsage(f"Permissions have six letters, as rwra--, not {text!r}.")
    perm1 = _NO_RIGHTS
    for role, read, change in zip(
        (Role.USER, Role.GROUP, Role.WORLD), text[::2], text[1::2], strict=True
    ):
        if read not in "rR-" or change not in "wWaA-":
            raise ApiUsage(f"Permissions look like rwra--, not {text!r}.")
        if read in "rR":
            perm1 |= Right.READ << role
        if change in "wW":
            perm1 |= (Right.WRITE | Right.ANNOTATE) << role
        elif change in "aA":
            perm1 |= Right.ANNOTATE << role
    return perm1


def effective_permissions(group_id: int, group_permissions: int) -> int:
    """Return the permissions by which a group's objects are judged.

    The group `user` is readable by everybody and belongs to nobody: its objects
    are judged as if it were private.
    """
    return PRIVATE if group_id == USER_GROUP_ID else group_permissions


def visible(caller: Caller, table: FromClause) -> ColumnElement[bool]:
    """Return the condition that a row must meet to be seen by a caller.

    Parameters
    ----------
    table
        A table or an alias of one, with columns ``owner_id`` and ``group_id``;
        without them (users, groups, enumerations) every row is seen.
    """
    columns: Any = table.c
    if "group_id" not in columns or "owner_id" not in columns:
        return true()
    if caller.group_id == ALL_GROUPS:
        if caller.is_admin:
            return true()
        return or_(
            columns.group_id.in_(sorted(caller.readable_groups)),
            columns.owner_id == caller.user_id,
        )
    inside = columns.group_id == caller.group_id
    if not (caller.is_admin or caller.group_id in caller.readable_groups):
        inside = and_(inside, columns.owner_id == caller.user_id)
    return or_(inside, columns.group_id == USER_GROUP_ID)


def may_see(caller: Caller, owner_id: int, group_id: int) -> bool:
    """Tell whether a caller sees a row: `visible` for one owned object."""
    if caller.group_id == ALL_GROUPS:
        if caller.is_admin or owner_id == caller.user_id:
            return True
        return group_id in caller.readable_groups
    if group_id == USER_GROUP_ID:
        return True
    if group_id != caller.group_id:
        return False
    if caller.is_admin or owner_id == caller.user_id:
        return True
    return group_id in caller.readable_groups


def restrictions(
    caller: Caller,
    owner_id: int | None,
    group_id: int | None,
    group_permissions: int,
    facts: ClassFacts,
) -> Restrictions | None:
    """Return what a caller may not do with an object; None: everything is allowed.

    Parameters
    ----------
    owner_id, group_id
        None for objects of global classes.
    group_permissions
        ``perm1`` of the object's group.
    """
    if facts.is_global or owner_id is None or group_id is None:
        return _restrictions_of_system_type(caller, facts)
    perm1 = effective_permissions(group_id, group_permissions)
    link, edit, delete, annotate = _allowed_scopes(
        caller, owner_id, group_id, perm1, facts
    )
    is_owner = owner_id == caller.user_id and not caller.is_guest
    leads = group_id in caller.leader_of
    chgrp = facts.is_chgrp_target and (is_owner or "Chgrp" in caller.privileges)
    chown = facts.is_chown_target and (leads or "Chown" in caller.privileges)
    found = Restrictions(
        not link, not edit, not delete, not annotate, not chgrp, not chown
    )
    return found if any(found) else None


def _allowed_scopes(
    caller: Caller, owner_id: int, group_id: int, perm1: int, facts: ClassFacts
) -> tuple[bool, bool, bool, bool]:
    """Return whether LINK, EDIT, DELETE and ANNOTATE are allowed."""
    if caller.is_guest:
        return (False, False, False, False)
    is_owner = owner_id == caller.user_id
    is_private = not has_right(perm1, Role.GROUP, Right.READ)
    if caller.is_full_admin or group_id in caller.leader_of:
        may_share = is_owner or not is_private
        return (may_share, True, True, may_share)

    write = annotate = False
    roles = [Role.WORLD]
    if group_id in caller.member_of:
        roles.append(Role.GROUP)
    if is_owner:
        roles.append(Role.USER)
    for role in roles:
        write = write or has_right(perm1, role, Right.WRITE)
        annotate = annotate or has_right(perm1, role, Right.ANNOTATE)
    kind = "File" if facts.name == "OriginalFile" else "Owned"
    may_write = f"Write{kind}" in caller.privileges
    may_delete = f"Delete{kind}" in caller.privileges
    may_share = may_write and (is_owner or not is_private)
    return (
        write or may_share,
        write or may_write,
        write or may_delete,
        annotate or may_share,
    )


def _restrictions_of_system_type(
    caller: Caller, facts: ClassFacts
) -> Restrictions | None:
    """Judge users, groups, enumerations: only administrators change them."""
    needed = {
        "Experimenter": "ModifyUser",
        "ExperimenterGroup": "ModifyGroup",
        "GroupExperimenterMap": "ModifyGroupMembership",
    }.get(facts.name)
    may_edit = caller.is_admin and (needed is None or needed in caller.privileges)
    return Restrictions(
        link=caller.is_guest,
        edit=not may_edit,
        delete=not may_edit,
        annotate=caller.is_guest,
        chgrp=True,
        chown=True,
    )


_CHGRP_TARGETS = frozenset(
    {
        "Annotation",
        "Dataset",
        "Experiment",
        "Fileset",
        "Folder",
        "Image",
        "Instrument",
        "Job",
        "OriginalFile",
        "Plate",
        "Project",
        "RenderingDef",
        "Roi",
        "Screen",
        "Thumbnail",
    }
)
_CHOWN_TARGETS = _CHGRP_TARGETS | {"Reagent"}


@cache
def facts_of(model_class: ModelClass) -> ClassFacts:
    """Return what the rules ask of a class of the model."""
    return class_facts(
        model_class.name,
        ancestors=tuple(ancestor.name for ancestor in model_class.ancestors),
        is_global=model_class.is_global,
        is_link=model_class.is_link,
    )


def class_facts(
    name: str,
    *,
    ancestors: tuple[str, ...] = (),
    is_global: bool = False,
    is_link: bool = False,
) -> ClassFacts:
    """Return the facts of a class that is named with its ancestors."""
    names = {name, *ancestors}
    return ClassFacts(
        name=name,
        is_global=is_global,
        is_chgrp_target=not is_global and (is_link or bool(names & _CHGRP_TARGETS)),
        is_chown_target=not is_global and (is_link or bool(names & _CHOWN_TARGETS)),
    )
