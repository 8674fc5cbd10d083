"""What the sandbox answers, in the oracle's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.model

if TYPE_CHECKING:
    from collections.abc import Iterator


def name_of(one: Any) -> list[Any]:
    return [type(one).__name__.removesuffix("I"), one._id._val]


def plain(value: Any) -> Any:
    """Return a boxed value as the oracle writes it."""
    match value:
        case None:
            return None
        case omero.RObject():
            return None if value._val is None else name_of(value._val)
        case omero.RMap():
            found = {key: plain(one) for key, one in value._val.items()}
            if found.keys() == {"value", "unit", "symbol"}:
                del found["symbol"]
            return {"perm": found["perm"]} if "canEdit" in found else found
        case omero.RCollection():
            return [plain(one) for one in value._val]
    return value._val


_KINDS = {
    "RIntI": "integer",
    "RLongI": "long",
    "RDoubleI": "double",
    "RFloatI": "float",
    "RStringI": "string",
    "RBoolI": "boolean",
    "RTimeI": "timestamp",
    "RClassI": "class",
    "RMapI": "component",
}


#: What stands for a type of Hibernate's beside its own name.  The stored class of a row
#: is a text or a number, except when `type` asks for it.
ALSO = {
    "class": ("string", "integer"),
    "text": ("string",),
    "date": ("timestamp",),
}


def kinds(value: Any) -> Any:
    """Return the oracle's name for the type of a value."""
    if isinstance(value, omero.RMap) and value._val.keys().isdisjoint({"unit", "perm"}):
        return {key: kinds(one) for key, one in value._val.items()}
    return _KINDS.get(type(value).__name__)


def describe_loaded(value: Any, loaded: dict[str, Any]) -> None:
    """Note what is loaded of everything that can be reached."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, omero.RObject):
            waiting.append(one._val)
        elif isinstance(one, omero.RMap):
            waiting.extend(one._val.values())
        elif isinstance(one, omero.RCollection):
            waiting.extend(one._val)
        elif isinstance(one, omero.model.IObject) and one._loaded:
            name, id_ = name_of(one)
            if f"{name}:{id_}" not in loaded:
                loaded[f"{name}:{id_}"] = members = {}
                waiting.extend(describe(one, members))


def describe(one: Any, members: dict[str, Any]) -> Iterator[Any]:
    """Note the loaded references, collections and maps of one object."""
    attributes = {f"{k}": v for k, v in vars(one).items() if not k.startswith("_xx")}
    details = vars(one._details)
    attributes |= {f"_details.{key[1:]}": v for key, v in details.items()}
    for key, value in attributes.items():
        name = key.removeprefix("_")
        if isinstance(value, omero.model.IObject):
            if value._loaded:
                members[name] = name_of(value)
                yield value
        elif name.endswith("CountPerOwner") and value:
            members[name] = {str(owner): count for owner, count in value.items()}
        elif name.endswith("Seq") and attributes.get(f"{key[:-3]}Loaded"):
            members[name[:-3]] = [name_of(element) for element in value]
            yield from value
        elif isinstance(value, list) and value:
            members[name] = [[pair.name, pair.value or ""] for pair in value]
