"""Arguments that arrive as one structure, so that damaged ones can be refused.

Ice calls a servant's method with a null pointer for an argument that it could not read:
a text that is no Unicode, a reference to an object that the message does not hold.  The
process dies of it (`TypedUpcall::dispatch` in Operation.cpp of IcePy 3.6.5).  The
members of a structure are the same bytes on the wire as the arguments one after the
other, and there such a value is an attribute that was never set.  So the operations of
servants are described anew, with one argument: a structure of all of them.

Lists may have holes for the same reason; looking at one of them is enough to die.  Only
the garbage collector passes over null pointers, therefore it is asked.
"""

from __future__ import annotations

import gc
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage

from .ice import Ice, IcePy

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Values in which nothing can be missing.
_PLAIN = (bytes, str, int, float, type(None))
#: Ice takes a description apart when Python lets go of it, and counts no reference to
#: the class of a structure.
_descriptions: list[Any] = []


class Arguments:
    """What an operation was called with, as attributes ``_0``, ``_1`` and so on."""

    count: int

    def values(self, where: str) -> tuple[Any, ...]:
        """Return the arguments in their order.

        Parameters
        ----------
        where
            Interface and operation, for the complaint.

        Raises
        ------
        ApiUsage
            One of them was damaged on its way.
        """
        found = self.__dict__
        if len(found) != self.count:
            raise ApiUsage(f"An argument of {where} is damaged.")
        values = tuple(found[f"_{place}"] for place in range(self.count))
        if has_holes(values):
            raise ApiUsage(f"An argument of {where} refers to an absent object.")
        return values


def describe_operation(interface: type, operation: str) -> Any:
    """Describe an operation that takes one `Arguments`, and may be answered later.

    The description belongs in the servant's class, as ``_op_`` and the name.  Ice then
    calls ``<name>_async(callback, arguments, current)``; what takes nothing gets no
    `Arguments`.  OMERO has some operations answered at once, in the thread that took
    the call; that is for the server to choose, and clients do not see it.

    Parameters
    ----------
    interface
        A generated class, such as `omero.api.IQuery`.
    """
    described = list(_read_description(interface, operation))
    described[_IS_ASYNCHRONOUS] = True
    parameters = described[_PARAMETERS]
    if not parameters:
        return IcePy.Operation(*described)
    name = f"{interface.__name__}.{operation}"
    bundle = type("Arguments", (Arguments,), {"count": len(parameters)})
    members = tuple(
        (f"_{place}", metadata, kind)
        for place, (metadata, kind, *_) in enumerate(parameters)
    )
    structure = IcePy.defineStruct(f"::Arguments::{name}", bundle, (), members)
    _descriptions.extend((structure, bundle))
    described[_PARAMETERS] = (((), structure, False, 0),)
    return IcePy.Operation(*described)


def has_holes(values: Iterable[Any]) -> bool:
    """Tell whether a list among some values, or in their fields, has a hole."""
    waiting = [one for one in values if not isinstance(one, _PLAIN)]
    seen = set(map(id, waiting))
    while waiting:
        value = waiting.pop()
        if isinstance(value, (list, tuple)):
            members = gc.get_referents(value)
            if len(members) != len(value):
                return True
        elif isinstance(value, dict):
            members = list(value.values())
        else:
            members = list(getattr(value, "__dict__", {}).values())
        for one in members:
            if not isinstance(one, _PLAIN) and id(one) not in seen:
                seen.add(id(one))
                waiting.append(one)
    return False


#: Places among what describes an operation.
_IS_ASYNCHRONOUS, _PARAMETERS = 3, 6


def _read_description(interface: type, operation: str) -> tuple[Any, ...]:
    """Return what an operation was described with in the generated module.

    Ice does not give it back, so it is read from the source.
    """
    owner = next(one for one in interface.__mro__ if f"_op_{operation}" in one.__dict__)
    # What Slice's compiler has written; the names of a module are those of any of
    # its functions.
    function: Any = owner.__dict__["ice_ids"]
    source = _descriptions_in(function.__code__.co_filename)
    described: tuple[Any, ...] = eval(
        source[owner.__name__, operation], function.__globals__
    )
    return described


_DESCRIBED = re.compile(r"^\s*(\w+)\._op_(\w+) = IcePy\.Operation(\(.*\))\s*$", re.M)


@cache
def _descriptions_in(file_name: str) -> dict[tuple[str, str], str]:
    text = Path(file_name).read_text(encoding="utf-8")
    return {(one, name): source for one, name, source in _DESCRIBED.findall(text)}


class CarefulObject(Ice.Object):  # type: ignore[misc]
    """A servant that can be asked by anybody what it is, with anything."""

    _op_ice_isA = describe_operation(Ice.Object, "ice_isA")

    def ice_isA_async(self, callback: Any, asked: Arguments, current: Any) -> None:
        """Tell whether the servant is of a type."""
        (type_id,) = asked.values("ice_isA")
        callback.ice_response(type_id in self.ice_ids(current))
