"""What only administrators, or leaders of a group, may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Collection

    from .caller import Caller


def require_admin(caller: Caller) -> None:
    """Refuse anybody but administrators."""
    if not caller.is_admin:
        raise NotAllowed(
            f"No matching roles found: {caller.user_name} is not an administrator."
        )


def require_privilege(caller: Caller, privilege: str) -> None:
    """Refuse anybody but administrators who have a privilege."""
    require_admin(caller)
    if privilege not in caller.privileges:
        raise NotAllowed(f"{caller.user_name} lacks the privilege {privilege}.")


def require_privilege_or_lead(
    caller: Caller, privilege: str, group_ids: Collection[int]
) -> None:
    """Refuse those who neither have a privilege nor lead all of some groups."""
    if group_ids and set(group_ids) <= set(caller.leader_of):
        return
    require_privilege(caller, privilege)


def require_no_escalation(caller: Caller, privileges: Collection[str]) -> None:
    """Refuse to give, or to act on somebody who has, more privileges than oneself."""
    beyond = sorted(set(privileges) - caller.privileges)
    if beyond:
        raise NotAllowed(
            f"{caller.user_name} lacks the privileges {', '.join(beyond)} "
            "and may neither give them nor change an administrator who has them."
        )
