"""What every operation of every interface takes, and values to call it with.

Parameter types are read from the generated sources, since Ice's own description of an
operation cannot be asked.
"""

from __future__ import annotations

import ast
import re
from operator import attrgetter
from pathlib import Path

import omero
import omero.all
import omero.model
import omero_API_ice
from omero.rtypes import rbool, rdouble, rint, rlist, rlong, rmap, rstring, rtime

GENERATED = Path(omero_API_ice.__file__).parent
OPERATION = re.compile(r"^\s+(\w+)\._op_(\w+) = IcePy\.(Operation\(.*\))\s*$", re.M)
DEFINITION = re.compile(r"^\s+_M_([\w.]+)\._t_(\w+) = IcePy\.define(\w+)\(", re.M)

SIMPLE = {
    "bool": True,
    "byte": 1,
    "short": 1,
    "int": 1,
    "long": 1,
    "float": 1.0,
    "double": 1.0,
    "string": "x",
}
SPECIAL = {
    "omero.RType": rstring("x"),
    "omero.RString": rstring("x"),
    "omero.RLong": rlong(1),
    "omero.RInt": rint(1),
    "omero.RDouble": rdouble(1.0),
    "omero.RBool": rbool(True),
    "omero.RTime": rtime(1),
    "omero.RList": rlist([]),
    "omero.RMap": rmap({}),
    "omero.model.IObject": omero.model.ImageI(1, False),
    "omero.sys.Parameters": omero.sys.ParametersI(),
    "omero.sys.Principal": omero.sys.Principal("guest", "guest", "User", None),
}


def read_generated():
    """Return the parameter types of all operations, and what every type is."""
    parameters, kinds = {}, {}
    for path in GENERATED.glob("*_ice.py"):
        text = path.read_text(encoding="utf-8")
        for module, name, kind in DEFINITION.findall(text):
            kinds[f"{module}.{name}"] = kind
        for interface, name, source in OPERATION.findall(text):
            arguments = ast.parse(source, mode="eval").body.args
            types = [ast.unparse(one.elts[1]) for one in arguments[6].elts]
            parameters[interface, name] = [
                one.replace("_t_", "").removeprefix("_M_").removeprefix("IcePy.")
                for one in types
            ]
    return parameters, kinds


PARAMETERS, KINDS = read_generated()


def parameters_of(interface, operation):
    for base in interface.__mro__:
        found = PARAMETERS.get((base.__name__, operation))
        if found is not None:
            return found
    raise LookupError(operation)


def sensible(kind):
    """Return a value of a type that a client might well send."""
    found = SIMPLE.get(kind, SPECIAL.get(kind))
    if found is not None:
        return found
    if kind.startswith("omero.model."):
        concrete = getattr(omero.model, f"{kind.removeprefix('omero.model.')}I", None)
        if concrete is not None:
            return concrete(1, False) if hasattr(concrete, "unload") else concrete()
    return empty(kind)


def empty(kind):
    """Return the least value of a type."""
    if kind in SIMPLE:
        return type(SIMPLE[kind])()
    if kind.endswith("Prx"):
        return None
    definition = KINDS.get(kind, "Sequence")  # Ice's own: sequences of numbers
    if definition == "Sequence":
        return []
    if definition == "Dictionary":
        return {}
    if definition in ("Struct", "Enum"):
        made = attrgetter(kind.removeprefix("omero."))(omero)
        return made() if definition == "Struct" else made.valueOf(0)
    return None
