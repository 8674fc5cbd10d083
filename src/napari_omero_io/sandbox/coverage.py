"""What is done of OMERO's interfaces, read from the same tables the server uses.

Every operation is either done by a service or refused at once; there is no third way,
since `wire.servant` gives each of them a face.
"""

from __future__ import annotations

import importlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from . import services
from .requests.handle import Handle
from .services.import_process import ImportProcess
from .services.managed_repository import ManagedRepository
from .services.script_process import ScriptProcess
from .services.shared_resources import SharedResources
from .services.table import Table
from .wire.ice import omero
from .wire.registry import OWN_OPERATIONS, is_stateful
from .wire.servant import find_method, operations_of, refusal_of
from .wire.service_factory import ServiceFactory

#: Beside the services of `omero.api`: interface and the class that serves it.
_OTHERS: tuple[tuple[Any, type], ...] = (
    (omero.api.ServiceFactory, ServiceFactory),
    (omero.grid.SharedResources, SharedResources),
    (omero.grid.Table, Table),
    (omero.grid.ManagedRepository, ManagedRepository),
    (omero.grid.ImportProcess, ImportProcess),
    (omero.grid.ScriptProcess, ScriptProcess),
    (omero.cmd.Handle, Handle),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one interface.

    Attributes
    ----------
    refusal
        What a client is told; None when the operation is done.
    """

    interface: str
    name: str
    refusal: str | None

    @property
    def is_done(self) -> bool:
        """The sandbox carries it out."""
        return self.refusal is None


def list_operations() -> list[Operation]:
    """Return all operations of all interfaces that a client can reach."""
    found = [
        operation
        for interface, service in _OTHERS
        for operation in _operations(interface, service, frozenset())
    ]
    for name in sorted({*services.STATELESS, *services.STATEFUL, *services.REFUSED}):
        own = OWN_OPERATIONS if is_stateful(name) else frozenset()
        interface = getattr(omero.api, name)
        found += _operations(interface, _service_class(name), own)
    return found


def report() -> str:
    """Write a table of all operations, and a line for each interface."""
    operations = list_operations()
    all_, done = Counter[str](), Counter[str]()
    for one in operations:
        all_[one.interface] += 1
        done[one.interface] += one.is_done
    lines = []
    for interface in sorted(all_):
        lines.append(f"{interface}: {done[interface]} of {all_[interface]} done")
        for one in operations:
            if one.interface == interface:
                state = "done" if one.refusal is None else f"refused: {one.refusal}"
                lines.append(f"  {one.name:44} {state}")
    total = f"{done.total()} of {all_.total()} operations are done"
    return "\n".join([*lines, "", f"{total}, the others are refused by name."])


def report_as_page() -> str:
    """Write the table as Markdown, a section for each interface."""
    sections: dict[str, list[Operation]] = {}
    for one in list_operations():
        sections.setdefault(one.interface, []).append(one)
    every = [one for section in sections.values() for one in section]
    done = sum(one.is_done for one in every)
    lines = [
        "# What the sandbox does of OMERO's services",
        "",
        "Made by `napari-omero-io sandbox coverage --markdown`; a test keeps it",
        "current.",
        "",
        f"{done} of {len(every)} operations are done.  Every other one is refused at",
        "once, with `omero.InternalException` and its own name.",
        "",
        "| interface | done | of |",
        "|---|---|---|",
    ]
    for name, section in sorted(sections.items()):
        lines.append(f"| {name} | {sum(o.is_done for o in section)} | {len(section)} |")
    for name, section in sorted(sections.items()):
        lines += ["", f"## {name}", "", "| operation | |", "|---|---|"]
        lines += [f"| {o.name} | {_as_cell(o)} |" for o in section]
    return "\n".join(lines)


def _as_cell(operation: Operation) -> str:
    if operation.refusal is None:
        return "done"
    kind, _, text = operation.refusal.partition(": ")
    return f"refused: `{kind}`: {text}"


def _operations(
    interface: Any, service: type | None, own: frozenset[str]
) -> list[Operation]:
    name = interface.__name__
    return [
        Operation(
            name,
            operation,
            None
            if operation in own or find_method(service, operation)
            else f"omero.InternalException: {refusal_of(name, operation)}",
        )
        for operation in operations_of(interface)
    ]


def _service_class(interface: str) -> type | None:
    if interface in services.REFUSED:
        return None
    place = {**services.STATELESS, **services.STATEFUL}[interface]
    module, _, name = place.partition(":")
    found: type = getattr(importlib.import_module(module), name)
    return found
