"""Damaged arguments of every operation, by somebody who has logged in.

The bytes of good arguments are cut, flipped and doubled.  `NOIO_FUZZ` says how many of
each are sent, and `NOIO_FUZZ_SEED` which.  They are written in encoding 1.0: with 1.1
Ice 3.6.5 itself may die of bytes that follow the arguments, unless it was built by
`scripts/build_ice.py`, which corrects it; then say `NOIO_FUZZ_ENCODING=1.1`.
"""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
from contextlib import suppress
from keyword import iskeyword

import Ice
import omero
import omero.all
import omero.cmd
import pytest

from napari_omero_io.sandbox import services
from napari_omero_io.sandbox.wire.servant import operations_of

from ..operations import empty, parameters_of, sensible
from .process_state import read_holdings

TIMES = int(os.environ.get("NOIO_FUZZ", "1"))
SEED = int(os.environ.get("NOIO_FUZZ_SEED", "1"))
VERSION = os.environ.get("NOIO_FUZZ_ENCODING", "1.0")
ENCODING = bytes(map(int, VERSION.split(".")))
#: They would end the session, or lock the tester out.
LEFT_OUT = {
    *("destroy", "closeSession", "closeOnDestroy", "detachOnDestroy"),
    *("setSecurityContext", "changePassword", "changeUserPassword"),
}

pytestmark = pytest.mark.usefixtures("still_serves")


class Recorder(Ice.Blobject):
    """Notes the bytes of arguments."""

    def ice_invoke(self, arguments, current):
        self.arguments, self.mode = bytes(arguments), current.mode
        return True, struct.pack("<i", 6) + ENCODING


@pytest.fixture(scope="module")
def recorder():
    communicator = Ice.initialize()
    adapter = communicator.createObjectAdapterWithEndpoints("", "tcp -h 127.0.0.1")
    servant = Recorder()
    servant.proxy = adapter.add(servant, Ice.Identity("recorder", ""))
    adapter.activate()
    yield servant
    communicator.destroy()


def doors(client):
    """Return what makes a proxy of each interface."""
    factory = client.getSession()
    resources = factory.sharedResources()
    request = omero.cmd.Delete2(targetObjects={"Image": [12345]})
    found = {
        omero.api.ServiceFactory: lambda: factory,
        omero.cmd.Handle: lambda: factory.submit(request),
        omero.grid.SharedResources: lambda: resources,
        omero.grid.ManagedRepository: client.getManagedRepository,
    }
    if resources.areTablesEnabled():
        found[omero.grid.Table] = lambda: resources.newTable(0, "mistreated")
    for name in {*services.STATELESS, *services.STATEFUL, *services.REFUSED}:
        interface, full_name = getattr(omero.api, name), f"omero.api.{name}"
        is_stateful = issubclass(interface, omero.api.StatefulServiceInterface)
        make = factory.createByName if is_stateful else factory.getByName
        found[interface] = lambda make=make, full_name=full_name: make(full_name)
    return found


def proxy_class(interface):
    return getattr(sys.modules[interface.__module__], f"{interface.__name__}Prx")


def record(recorder, interface, operation, make):
    """Return the bytes of an operation's arguments, without their header."""
    proxy = proxy_class(interface).uncheckedCast(recorder.proxy)
    proxy = proxy.ice_encodingVersion(Ice.EncodingVersion(*ENCODING))
    arguments = [make(kind) for kind in parameters_of(interface, operation)]
    call = getattr(proxy, f"_{operation}" if iskeyword(operation) else operation)
    # The recorder answers nothing.
    with suppress(Ice.UnmarshalOutOfBoundsException, Ice.MarshalException):
        call(*arguments)
    return recorder.arguments[6:]


def damage(content, chance):
    """Return arguments that nobody would send, with their header."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        place = chance.randrange(len(damaged) + 1)
        match chance.randrange(8):
            case 0:
                damaged[place : place + 1] = chance.randbytes(1)
            case 1 if place < len(damaged):
                damaged[place] ^= 1 << chance.randrange(8)
            case 2:
                del damaged[place:]
            case 3:
                del damaged[place : place + chance.randrange(1, 8)]
            case 4:
                damaged[place:place] = chance.randbytes(chance.randrange(1, 9))
            case 5:
                number = chance.choice((2**30, 2**24, 2**16, 1000, -1))
                damaged[place : place + 1] = b"\xff" + struct.pack("<i", number)
            case 6:
                number = chance.choice((2**63 - 1, -(2**63), -1, 0, 2**31, 2**53))
                damaged[place : place + 8] = struct.pack("<q", number)
            case _:
                damaged[place:place] = damaged[:place] * chance.choice((1, 2, 20))
    size = len(damaged) + 6
    if chance.random() < 0.05:
        size = chance.choice((0, -1, 5, 6, 2**31 - 1, size + 1, size - 1))
    return struct.pack("<i", size) + ENCODING + bytes(damaged)


def send(proxy, operation, mode, arguments):
    """Call an operation with bytes; return what is wrong with the answer, if any."""
    try:
        is_fine, answer = proxy.ice_invoke(operation, mode, arguments)
    except (Ice.UnknownException, Ice.UnknownLocalException, Ice.UnknownUserException):
        return None  # Ice could not read it
    if not is_fine and b"Wrapped Exception" in answer:
        return answer.partition(b"Wrapped Exception")[2][:300]
    return None


def test_damaged_arguments_are_answered(mistreated, client, recorder):
    chance = random.Random(SEED)
    before = read_holdings(mistreated.pid)
    complaints, sent = [], 0
    for interface, make_proxy in doors(client).items():
        proxy = None
        for operation in operations_of(interface):
            if operation in LEFT_OUT:
                continue
            for make in (sensible, empty):
                good = record(recorder, interface, operation, make)
                for _ in range(TIMES):
                    bad = damage(good, chance)
                    proxy = make_proxy() if proxy is None else proxy
                    sent += 1
                    try:
                        complaint = send(proxy, operation, recorder.mode, bad)
                    except Ice.ObjectNotExistException:  # it was closed
                        proxy = None
                        continue
                    if complaint:
                        where = f"{interface.__name__}.{operation}"
                        complaints.append(f"{where}({bad.hex()}): {complaint}")
    print(f"\n{sent} damaged calls, {len(complaints)} faults of ours")
    assert not complaints, "\n".join(complaints)
    after = read_holdings(mistreated.pid)
    assert after.memory - before.memory < 150e6


@pytest.mark.parametrize("depth", [1500, 6000])
def test_long_rows_of_objects(mistreated, depth):
    """Save objects that refer to each other; too many of them are refused.

    In a process of its own: reading and writing them takes the stack of who does it.
    """
    words = [sys.executable, "-c", LONG_ROW, mistreated.host, str(mistreated.port)]
    run = subprocess.run([*words, str(depth)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == (["saved"] if depth < 5000 else ["refused"])


LONG_ROW = """
import os, sys, threading
import Ice, omero, omero.all, omero.model

def save():
    client = omero.client(sys.argv[1], int(sys.argv[2]))
    client.createSession("root", "omero")
    first = last = omero.model.TagAnnotationI()
    for _ in range(int(sys.argv[3])):
        following = omero.model.TagAnnotationI()
        last.linkAnnotation(following)
        last = following
    try:
        client.sf.getUpdateService().saveObject(first)
        print("saved", flush=True)
    except Ice.UnknownLocalException as refusal:
        assert "MarshalException" in refusal.unknown, refusal
        print("refused", flush=True)
    os._exit(0)  # letting go of them takes the stack as well

threading.stack_size(256 << 20)  # whatever the limit of this machine
thread = threading.Thread(target=save)
thread.start()
thread.join()
sys.exit(1)
"""
