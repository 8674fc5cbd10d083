"""What a walk over the graph is for, and what that means for its terms.

Deleting, moving to another group and giving to another user follow the same ties.
They differ in which right is needed and in what may be left behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .caller import SYSTEM_GROUP_ID, USER_GROUP_ID
from .graph_rules import ANNOTATION_TERMS, Terms
from .permissions import Right, Role, has_right

if TYPE_CHECKING:
    from .ownership import Judge, Standing
    from .ties import Tie


@dataclass(frozen=True, slots=True)
class Deleting:
    """Everything goes that may be deleted."""

    verb: str = field(default="delete", init=False)

    def allows(self, judge: Judge, object_: Standing) -> bool:
        """Tell whether the caller may do it to an object."""
        return not judge.restrictions(object_).delete

    def terms_of_part(self, tie: Tie) -> Terms:
        """Return on which terms a part goes with what it belongs to."""
        return tie.terms

    def terms_of_use(self, tie: Tie, object_: Standing) -> Terms:
        """Return on which terms something goes with the last that uses it."""
        if tie.target != "Annotation":
            return tie.terms
        for one in (object_.model_class, *object_.model_class.ancestors):
            if one.name in ANNOTATION_TERMS:
                return ANNOTATION_TERMS[one.name]
        return Terms.IF_PERMITTED


@dataclass(frozen=True, slots=True)
class Clearing(Deleting):
    """Everything goes, whatever the caller may do."""

    def allows(self, judge: Judge, object_: Standing) -> bool:
        """Allow everything."""
        return True


@dataclass(frozen=True, slots=True)
class Moving:
    """Everything comes along to another group, as far as others may see it there.

    Attributes
    ----------
    group_id
        Where it goes.
    is_private
        There, people see only what is their own.
    """

    group_id: int
    is_private: bool
    verb: str = field(default="move", init=False)

    def allows(self, judge: Judge, object_: Standing) -> bool:
        """Tell whether the caller may do it to an object."""
        caller = judge.caller
        is_owner = object_.owner_id == caller.user_id and not caller.is_guest
        return is_owner or "Chgrp" in caller.privileges

    def terms_of_part(self, tie: Tie) -> Terms:
        """Return on which terms a part goes with what it belongs to."""
        # In the old group nobody could make anything of regions without image.
        return Terms.REGARDLESS if tie.source == "Roi" else tie.terms

    def terms_of_use(self, tie: Tie, object_: Standing) -> Terms:
        """Return on which terms something goes with the last that uses it."""
        if tie.end is None:
            return Terms.REGARDLESS
        if self.is_private:
            return Terms.SAME_OWNER
        is_annotation = tie.target == "Annotation"
        return Terms.REGARDLESS if is_annotation else Terms.IF_PERMITTED

    def separates(self, judge: Judge, staying: Standing) -> bool:
        """Tell whether what moves may not be tied any more to what stays."""
        return staying.group_id not in (self.group_id, USER_GROUP_ID, SYSTEM_GROUP_ID)


@dataclass(frozen=True, slots=True)
class Giving:
    """Everything of the same owner is given to another.

    Attributes
    ----------
    user_id
        Who gets it.
    """

    user_id: int
    verb: str = field(default="give", init=False)

    def allows(self, judge: Judge, object_: Standing) -> bool:
        """Tell whether the caller may do it to an object."""
        caller = judge.caller
        return "Chown" in caller.privileges or object_.group_id in caller.leader_of

    def terms_of_part(self, tie: Tie) -> Terms:
        """Return on which terms a part goes with what it belongs to."""
        return Terms.SAME_OWNER

    def terms_of_use(self, tie: Tie, object_: Standing) -> Terms:
        """Return on which terms something goes with the last that uses it."""
        return Terms.SAME_OWNER

    def separates(self, judge: Judge, staying: Standing) -> bool:
        """Tell whether what is given may not be tied any more to what stays."""
        if staying.owner_id == self.user_id or staying.group_id is None:
            return False
        permissions = judge.group_permissions[staying.group_id]
        return not has_right(permissions, Role.GROUP, Right.READ)


Aim = Deleting | Moving | Giving
