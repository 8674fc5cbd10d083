"""Who is there: users, groups, and rows of the tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Who is logged in, and as a member of what."""

    id: int
    name: str
    group_id: int
    group_name: str
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group of users.

    Attributes
    ----------
    permissions
        Six letters for owner, group and world: ``rw----``, ``rwr---``, ``rwra--`` …
    members
        Names of accounts, in order; empty where they may not be known.
    """

    id: int
    name: str
    permissions: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """One row of the browser: a project, dataset, image, screen or plate.

    Attributes
    ----------
    kind
        Lower case: ``project``, ``dataset``, ``image`` …
    child_count
        Number of direct children, None where there can be none.
    can_link
        Whether the user may put something into it.
    run_id
        For a well below a run: that run, whose fields alone lie below the well.
    """

    kind: str
    id: int
    name: str
    owner: str = ""
    group_id: int = -1
    child_count: int | None = None
    can_link: bool = False
    can_delete: bool = False
    run_id: int | None = None
