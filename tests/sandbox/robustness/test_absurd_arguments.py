"""Absurd arguments of every operation, sent by the real omero-py.

Each is of the type that the operation asks for, and nothing that anybody would mean.
The answer is one of OMERO's exceptions or a value, never a fault of the server's own.
`NOIO_ABSURD` says how many calls each operation gets, `NOIO_ABSURD_SEED` which.
"""

from __future__ import annotations

import os
import random
import sys
from contextlib import suppress
from keyword import iskeyword

import Ice
import omero
import omero.all
import omero.cmd
import omero.model
import pytest
from omero.clients import Glacier2
from omero.rtypes import rbool, rdouble, rint, rlist, rlong, rmap, rstring, rtime

from napari_omero_io.sandbox.wire.servant import operations_of

from ..operations import KINDS, SIMPLE, empty, parameters_of
from .process_state import read_holdings
from .test_damaged_arguments import LEFT_OUT, doors, proxy_class

TIMES = int(os.environ.get("NOIO_ABSURD", "1"))
SEED = int(os.environ.get("NOIO_ABSURD_SEED", "1"))
#: They wait, or end what is needed.
WAITING = {*LEFT_OUT, "synchronizeLDAPMemberships"}

pytestmark = pytest.mark.usefixtures("still_serves")

NUMBERS = {
    "short": (0, -1, 2**15 - 1, -(2**15)),
    "int": (0, -1, 1, 2**31 - 1, -(2**31)),
    "long": (0, -1, 1, 2**63 - 1, -(2**63)),
    "byte": (0, 255),
    "float": (0.0, float("nan"), float("inf"), -1e38),
    "double": (0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1e308),
    "bool": (True, False),
}
TEXTS = (
    *("", " ", "x" * 100_000, "\0", "\U0001f52c", "'; drop table Image; --", "%"),
    *("../../etc/passwd", "Image", "ome.model.core.Image", "-1", "NaN", "(" * 3000),
    *("select i from Image i", "select " + "not " * 3000 + "true", "\n"),
)


def cyclic_dataset():
    """Make a dataset that is in itself, by two links that are each other's."""
    dataset, image = omero.model.DatasetI(), omero.model.ImageI()
    link = dataset.linkImage(image)
    image.linkDataset(dataset)
    link.setParent(dataset)
    return dataset


def deep_tag(depth=60):
    """Make annotations on annotations on annotations."""
    first = last = omero.model.TagAnnotationI()
    for _ in range(depth):
        following = omero.model.TagAnnotationI()
        last.linkAnnotation(following)
        last = following
    return first


def hollow_roi():
    roi = omero.model.RoiI()
    roi._shapesSeq = [None, omero.model.PointI(), None]
    return roi


def objects():
    return [
        None,
        omero.model.ImageI(),
        omero.model.ImageI(-1, False),
        omero.model.ImageI(2**63 - 1, False),
        omero.model.ImageI(0, True),
        omero.model.ExperimenterI(0, False),
        omero.model.PixelsTypeI(),
        cyclic_dataset(),
        deep_tag(),
        hollow_roi(),
    ]


def hollow_list():
    hollow = rlist([])
    hollow._val = [None, rlist([]), None, rdouble(float("nan"))]
    return hollow


BOXES = [
    None,
    rstring(None),
    rstring("x" * 10_000),
    rlong(-(2**63)),
    rint(-1),
    rdouble(float("nan")),
    rbool(True),
    rtime(2**62),
    rlist([]),
    hollow_list(),
    rmap({"": None, "a": rmap({"b": rlist([])})}),
]


def absurd(kind, chance):
    """Return a value of a type that nobody would send."""
    if kind in NUMBERS:
        return chance.choice(NUMBERS[kind])
    if kind == "string":
        return chance.choice(TEXTS)
    if kind.startswith("omero.R"):
        box = chance.choice(BOXES)
        wanted = getattr(omero, kind.removeprefix("omero."), object)
        return box if isinstance(box, wanted) else None
    if kind.startswith("omero.model."):
        wanted = getattr(omero.model, kind.removeprefix("omero.model."), object)
        fitting = [one for one in objects() if isinstance(one, wanted)]
        made = getattr(omero.model, f"{wanted.__name__}I", None)
        if made is not None:
            with suppress(TypeError):
                fitting += [made(), made(-1, False)]
        return chance.choice([*fitting, None])
    if kind == "omero.sys.Parameters":
        return chance.choice(parameters())
    if kind in SIMPLE or kind.endswith("Prx"):
        return empty(kind)
    if KINDS.get(kind, "Sequence") == "Sequence":
        return chance.choice(sequences(kind))
    if kind == "omero.cmd.Request":
        return chance.choice(requests())
    return empty(kind)


def parameters():
    paging = omero.sys.ParametersI().page(-5, -1)
    strange = omero.sys.ParametersI().add("a", hollow_list())
    strange.theFilter = omero.sys.Filter()
    strange.theFilter.ownerId, strange.theFilter.limit = rlong(-9), rint(0)
    return [None, paging, strange, omero.sys.Parameters()]


def requests():
    nested = omero.cmd.DoAll()
    for _ in range(40):
        nested = omero.cmd.DoAll(
            requests=[nested, None], contexts=[{"omero.group": "x"}]
        )
    return [
        None,
        nested,
        omero.cmd.Delete2(
            targetObjects={"Image": [-1, 0, 2**63 - 1], "": [], "x": [1]}
        ),
        omero.cmd.Delete2(targetObjects={"Image": list(range(20_000))}),
        omero.cmd.Chgrp2(targetObjects={"Image": [1]}, groupId=-1),
        omero.cmd.SkipHead(targetObjects={"Image": [1]}, startFrom=[""], request=None),
        omero.cmd.FindParents(targetObjects=None, typesOfParents=[""]),
        omero.api.Save(None),
        omero.api.Save(cyclic_dataset()),
    ]


def sequences(kind):
    lowered = kind.lower()
    if "string" in lowered:
        return [[], [""], list(TEXTS)]
    if "byte" in lowered:
        return [b"", bytes(10), bytes(1_000_000)]
    if any(word in lowered for word in ("long", "int", "short", "double", "float")):
        return [[], [0], [-1, 2**31 - 1], list(range(5000))]
    if "bool" in lowered:
        return [[], [True] * 100]
    return [[], [None], [None] * 1000]


def complaint_about(proxy, operation, arguments):
    """Call an operation; return what is wrong with its answer, or None."""
    name = f"_{operation}" if iskeyword(operation) else operation
    try:
        getattr(proxy, name)(*arguments)
    except omero.ServerError as error:
        if "Wrapped Exception" in error.message:
            return error.message
        if "Traceback" in f"{error.message}{error.serverStackTrace}":
            return f"a traceback: {error.message}"
    except (Glacier2.CannotCreateSessionException, Ice.ObjectNotExistException):
        pass
    except (ValueError, TypeError):
        pass  # omero-py does not send it
    except Ice.MarshalException:
        pass  # nor does Ice
    except Ice.UnknownException as error:
        return f"{type(error).__name__}: {str(error)[:500]}"
    return None


def test_absurd_arguments_are_answered(mistreated, client):
    chance = random.Random(SEED)
    before = read_holdings(mistreated.pid) if sys.platform == "linux" else None
    complaints = []
    for interface, make_proxy in doors(client).items():
        for operation in operations_of(interface):
            if operation in WAITING:
                continue
            kinds = parameters_of(interface, operation)
            for _ in range(TIMES if kinds else 1):
                arguments = [absurd(kind, chance) for kind in kinds]
                proxy = proxy_class(interface).uncheckedCast(make_proxy())
                complaint = complaint_about(proxy, operation, arguments)
                if complaint:
                    sent = ", ".join(repr(one)[:80] for one in arguments)
                    where = f"{interface.__name__}.{operation}({sent})"
                    complaints.append(f"{where}: {complaint[:300]}")
    assert not complaints, "\n".join(complaints)
    if before is not None:
        after = read_holdings(mistreated.pid)
        assert after.memory - before.memory < 300e6
