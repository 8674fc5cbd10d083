"""Whose a saved object becomes, and who may change it or link to it.

These checks are made by OMERO.server on everything that goes through IUpdate.
They know callers, owners and groups, not the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import (
    ApiUsage,
    MixedGroups,
    NotAllowed,
    PermissionMismatch,
    ReadOnlyGroup,
)

from .caller import ALL_GROUPS, SYSTEM_GROUP_ID, USER_GROUP_ID, Caller
from .permissions import (
    Restrictions,
    Right,
    Role,
    effective_permissions,
    facts_of,
    has_right,
    may_see,
    permissions_text,
    restrictions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_omero_io.sandbox.schema.model import ModelClass

#: The bits of ``perm1`` that mean something.
_RIGHTS = 0x777

_EVERYTHING_ALLOWED = Restrictions(False, False, False, False, False, False)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose an object is, and how messages name it."""

    name: str
    model_class: ModelClass
    owner_id: int | None
    group_id: int | None
    is_directory: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """What the details of an incoming object say; None where they are silent."""

    owner_id: int | None = None
    group_id: int | None = None
    permissions: int | None = None
    creation_id: int | None = None
    update_id: int | None = None


def read_claims(details: Any) -> Claims:
    """Read the details of an incoming object."""
    if details is None:
        return Claims()
    permissions = details._permissions

    def id_of(target: Any) -> int | None:
        return None if target is None or target._id is None else target._id.getValue()

    return Claims(
        owner_id=id_of(details._owner),
        group_id=id_of(details._group),
        permissions=None if permissions is None else permissions._perm1,
        creation_id=id_of(details._creationEvent),
        update_id=id_of(details._updateEvent),
    )


@dataclass(frozen=True, slots=True)
class Judge:
    """The checks of one call.

    Attributes
    ----------
    group_permissions
        ``perm1`` of every group.
    """

    caller: Caller
    group_permissions: Mapping[int, int]

    def restrictions(self, object_: Standing) -> Restrictions:
        """Return what the caller may not do with an object."""
        found = restrictions(
            self.caller,
            object_.owner_id,
            object_.group_id,
            self._permissions(object_.group_id),
            facts_of(object_.model_class),
        )
        return found or _EVERYTHING_ALLOWED

    def owner_and_group(
        self, model_class: ModelClass, claims: Claims
    ) -> tuple[int, int]:
        """Decide whose a new object becomes.

        Raises
        ------
        ApiUsage
            The call runs over all groups.
        NotAllowed
            The details name somebody else, or another group.
        """
        caller = self.caller
        if caller.group_id == ALL_GROUPS:
            raise ApiUsage(
                f"Cannot create {model_class.name} with omero.group=-1: "
                "the current group has DUMMY permissions. Set omero.group."
            )
        member = caller.group_id in caller.member_of
        if caller.is_guest or not (member or caller.is_admin):
            raise NotAllowed(
                f"User {caller.user_id} may not create objects "
                f"in group {caller.group_id}."
            )
        if claims.group_id not in (None, caller.group_id):
            raise NotAllowed(
                f"Currently logged into group {caller.group_id}. "
                f"Cannot create object in group {claims.group_id}"
            )
        self._check_permissions(model_class.name, caller.group_id, claims)
        owner_id = caller.owner_id if caller.owner_id >= 0 else caller.user_id
        if claims.owner_id not in (None, owner_id):
            if not (caller.is_admin or caller.group_id in caller.leader_of):
                raise NotAllowed(
                    f"You are not authorized to set the owner of "
                    f"{model_class.name} to {claims.owner_id}."
                )
            owner_id = claims.owner_id
        return owner_id, caller.group_id

    def check_system_type(self, model_class: ModelClass) -> None:
        """Refuse to create or change a system type unless the caller may."""
        object_ = Standing(model_class.name, model_class, None, None)
        if self.restrictions(object_).edit:
            raise NotAllowed(
                f"User {self.caller.user_id} may not create or change "
                f"{model_class.java_name}: it is a system type."
            )

    def check_change(
        self, object_: Standing, claims: Claims, creation_id: int | None
    ) -> None:
        """Refuse to change an object unless the caller may, here and now.

        Raises
        ------
        NotAllowed
            It lies in another group than the current one; the caller lacks the
            right; the details claim another owner, group or creation.
        """
        caller = self.caller
        if object_.model_class.is_global:
            self.check_system_type(object_.model_class)
            return
        assert object_.group_id is not None
        if object_.group_id != caller.group_id:
            raise NotAllowed(
                f"Currently logged into group {caller.group_id}. "
                f"Cannot alter object in group {object_.group_id}"
            )
        if self.restrictions(object_).edit:
            raise NotAllowed(f"Cannot modify {object_.name}: not permitted.")
        if claims.creation_id not in (None, creation_id):
            raise NotAllowed(f"The creation event of {object_.name} may not change.")
        if (
            claims.owner_id not in (None, object_.owner_id)
            and "Chown" not in caller.privileges
        ):
            raise NotAllowed(f"You may not change the owner of {object_.name}.")
        if (
            claims.group_id not in (None, object_.group_id)
            and "Chgrp" not in caller.privileges
        ):
            raise NotAllowed(f"You may not change the group of {object_.name}.")
        self._check_permissions(object_.name, object_.group_id, claims)

    def check_link(self, source: Standing, field: str, target: Standing) -> None:
        """Refuse a reference from one object to another unless the caller may.

        Raises
        ------
        MixedGroups
            They lie in different groups.
        ReadOnlyGroup
            An administrator or leader links somebody's private object.
        NotAllowed
            The caller lacks the right on the target.
        """
        if target.model_class.is_global or target.group_id is None:
            return
        if target.group_id in (SYSTEM_GROUP_ID, USER_GROUP_ID):
            if not target.is_directory:
                return
        elif source.group_id is not None and source.group_id != target.group_id:
            raise MixedGroups(
                f"MIXED GROUP: {source.name}(group={source.group_id}) and "
                f"{target.name}(group={target.group_id}) cannot be linked."
            )
        if self._may_link(source, field, target):
            return
        permissions = self._permissions(target.group_id)
        text = permissions_text(permissions)
        message = f"Group is {text}. Cannot link to object: {target.name}"
        leads = target.group_id in self.caller.leader_of
        private = not has_right(permissions, Role.GROUP, Right.READ)
        if private and (self.caller.is_admin or leads):
            raise ReadOnlyGroup(message)
        raise NotAllowed(message)

    def check_deletion(self, object_: Standing) -> None:
        """Refuse to delete an object unless the caller may."""
        if self.restrictions(object_).delete:
            raise NotAllowed(f"Cannot delete {object_.name}: not permitted.")

    def _may_link(self, source: Standing, field: str, target: Standing) -> bool:
        name = source.model_class.name
        if name in ("RenderingDef", "Thumbnail") and field == "pixels":
            assert target.owner_id is not None
            assert target.group_id is not None
            return may_see(self.caller, target.owner_id, target.group_id)
        forbidden = self.restrictions(target)
        annotates = name.endswith("AnnotationLink") or (name, field) == ("Roi", "image")
        return not (forbidden.annotate if annotates else forbidden.link)

    def _permissions(self, group_id: int | None) -> int:
        if group_id is None:
            return -1
        return effective_permissions(group_id, self.group_permissions[group_id])

    def _check_permissions(self, name: str, group_id: int, claims: Claims) -> None:
        """Refuse permissions that were set by hand: objects have their group's."""
        of_group = self.group_permissions[group_id]
        claimed = claims.permissions
        if claimed is not None and (claimed ^ of_group) & _RIGHTS:
            raise PermissionMismatch(
                f"Permissions {permissions_text(claimed)} of {name} differ from "
                f"{permissions_text(of_group)} of group {group_id}."
            )
