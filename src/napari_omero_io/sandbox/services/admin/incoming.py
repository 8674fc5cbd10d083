"""What clients send about users and groups, read into plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.rules.caller import PRIVILEGES

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A named value that takes a privilege from an administrator.
PRIVILEGE_ENTRY = "AdminPrivilege:"


def id_of(object_: Any, kind: str) -> int:
    """Return the id of a user or group.

    Raises
    ------
    ApiUsage
        There is none.
    """
    if object_ is None or object_.id is None:
        raise ApiUsage(f"The {kind} must have an id.")
    return int(object_.id.val)


def ids_of(objects: Sequence[Any], kind: str) -> list[int]:
    """Return the ids of users or groups, each once.

    Raises
    ------
    Invalid
        There are no objects.
    """
    if not objects:
        raise Invalid(f"Nothing to do: no {kind} was named.")
    return list(dict.fromkeys(id_of(one, kind) for one in objects))


def fields_of(
    object_: Any, names: Sequence[str], required: Sequence[str]
) -> dict[str, Any]:
    """Return fields of a user or group as plain values.

    Raises
    ------
    ApiUsage
        The object is not loaded.
    Invalid
        A required field is null.
    """
    if object_ is None or not object_.isLoaded():
        raise ApiUsage("The object must be loaded, so that it can be written.")
    values: dict[str, Any] = {}
    for name in names:
        value = getattr(object_, f"_{name}")
        values[name] = None if value is None else value.getValue()
    for name in required:
        if values[name] is None:
            raise Invalid(
                "not-null property references a null or transient value: "
                f"{type(object_).__name__.removesuffix('I')}.{name}"
            )
    return values


def config_of(object_: Any) -> list[tuple[str, str]] | None:
    """Return the named values of a user or group; None when they were not sent."""
    if object_._config is None:
        return None
    return [(one.name, one.value) for one in object_._config if one is not None]


def permissions_of(group: Any) -> int | None:
    """Return the permissions in a group's details, if there are any."""
    details = group._details
    if details is None or details._permissions is None:
        return None
    return int(details._permissions._perm1)


def privileges_of(privileges: Sequence[Any]) -> set[str]:
    """Return the names of privileges.

    Raises
    ------
    ApiUsage
        One of them is none of OMERO's.
    """
    names = set()
    for one in privileges:
        value = None if one is None else one._value
        if value is None or value.val not in PRIVILEGES:
            raise ApiUsage(f"No such privilege: {None if value is None else value.val}")
        names.add(value.val)
    return names


def privileges_by(config: Sequence[tuple[str, str]]) -> set[str]:
    """Return the privileges that an administrator with some named values has."""
    lost = {
        name.removeprefix(PRIVILEGE_ENTRY)
        for name, value in config
        if name.startswith(PRIVILEGE_ENTRY) and value == "false"
    }
    return set(PRIVILEGES) - lost


def text_of(password: Any) -> str:
    """Return a password that came as RString; null is an empty one."""
    return "" if password is None else str(password.val)
