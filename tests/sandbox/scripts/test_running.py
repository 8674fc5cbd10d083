"""Scripts from start to end: inputs, outputs, failures, cancelling, time."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import omero
import omero.all
import omero.scripts
import pytest
from omero.rtypes import (
    rbool,
    rdouble,
    rfloat,
    rint,
    rinternal,
    rlist,
    rlong,
    rmap,
    robject,
    rset,
    rstring,
    unwrap,
)

from napari_omero_io import Sandbox

posix = pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
DEAD_OR_GONE = {"", "Z"}


def is_alive(pid):
    """Tell whether a process runs: what is dead and not yet swept up does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in DEAD_OR_GONE


def wait_until(condition):
    for _ in range(2400):
        if condition():
            return True
        time.sleep(0.05)
    return False


def read_file(connection, file):
    wrapper = connection.getObject("OriginalFile", file.val.id.val)
    return b"".join(wrapper.getFileInChunks())


class EndedEarly(Exception):
    """A script ended before it told of itself."""


@pytest.fixture
def linger(connection, service, tmp_path):
    """Start a script that sleeps; return its process and the ids it told."""
    started = []

    def start(**more):
        told = tmp_path / f"told-{len(started)}"
        inputs = {"Tell": rstring(str(told))}
        inputs |= {name: rbool(value) for name, value in more.items()}
        script_id = service.getScriptID("/checks/Linger.py")
        process = service.runScript(script_id, inputs, None)
        started.append(process)
        assert wait_until(lambda: told.exists() or process.poll() is not None)
        if not told.exists():
            raise EndedEarly
        *pids, folder = told.read_text().split(maxsplit=2)
        return process, [int(pid) for pid in pids], Path(folder)

    yield start
    for process in started:
        with suppress(omero.all.Ice.ObjectNotExistException):
            process.close(False)


def test_every_type_of_parameter(connection, service) -> None:
    script_id = service.getScriptID("/checks/Every_Type.py")
    params = service.getParams(script_id)
    assert params.name == "Every_Type.py"
    assert params.description == "Takes one value of every type and gives it back."
    assert (params.authors, params.version) == (["A. Author", "B. Author"], "1.2.3")
    assert (params.contact, params.institutions) == ("nobody@example.org", ["Here"])
    assert (params.stdoutFormat, params.stderrFormat) == ("text/markdown", "text/plain")
    assert set(params.outputs) == {"Answer"}
    text = params.inputs["Text"]
    assert not text.optional
    assert unwrap(text.values) == ["one", "two"]
    assert (unwrap(params.inputs["Whole"].max), params.inputs["Whole"].grouping) == (
        *(10, "2"),
    )
    assert params.inputs["Flag"].useDefault
    inputs = {
        "Text": rstring("two"),
        "Whole": rint(3),
        "Single": rfloat(0.5),
        "Double": rdouble(0.1),
        "Flag": rbool(False),
        "Color": rinternal(omero.Color()),
        "Point": rinternal(omero.Point()),
        "Plane": rinternal(omero.Plane()),
        "Object": robject(omero.model.ImageI(7, False)),
        "IDs": rlist([rlong(1), rlong(2)]),
        "Words": rset([rstring("a")]),
        "Pairs": rmap({"k": rstring("v")}),
        "Unknown": rstring("is passed on"),
    }
    process = service.runScript(script_id, inputs, rint(5))
    heard = omero.scripts.ProcessCallbackI(connection.c, process)
    assert process.wait() == 0
    assert heard.block(20_000) == omero.scripts.ProcessCallbackI.FINISHED
    heard.close()
    assert process.poll() == rint(0)
    job = process.getJob()
    assert job.status.value.val == "Finished"
    assert job.finished.val >= job.started.val
    results = process.getResults(0)
    for name, sent in {**inputs, "Long": rlong(2**40)}.items():
        got = results[f"Got_{name}"]
        assert type(got) is type(sent), name
        if name not in ("Color", "Point", "Plane", "Object"):
            assert unwrap(got) == unwrap(sent)
    assert results["Got_Object"].val.id.val == 7
    assert unwrap(results["Job"]) == job.id.val
    context = connection.getEventContext()
    assert unwrap(results["User"]) == f"root/{context.groupId}"
    assert unwrap(results["Answer"]) == len(inputs) + 1
    made = connection.getObject("TagAnnotation", results["Made"].val.id.val)
    assert made.getTextValue() == "made by a script"
    # What it printed is kept, with the job; what it did not print is not.
    assert read_file(connection, results["stdout"]) == "µ printed\n".encode()
    assert "stderr" not in results
    file = connection.getObject("OriginalFile", results["stdout"].val.id.val)
    assert (file.name, file.mimetype) == ("stdout", "text/markdown")
    query = "select l.child.name from JobOriginalFileLink l where l.parent.id = :id"
    names = connection.getQueryService().projection(
        query, omero.sys.ParametersI().addId(job.id.val)
    )
    assert sorted(unwrap(names)) == [["Every_Type.py"], ["stdout"]]
    process.close(True)


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ({}, 'MISSING INPUT for "Text"'),
        ({"Text": rint(1)}, 'WRONG TYPE for "Text"'),
        ({"Text": rstring("six")}, 'VALUE LIST for "Text": six not in'),
        (
            {"Text": rstring("one"), "Whole": rint(11)},
            'OUT OF BOUNDS for "Whole": 11 is above max 10',
        ),
    ],
)
def test_inputs_that_are_refused(connection, service, inputs, complaint) -> None:
    script_id = service.getScriptID("/checks/Every_Type.py")
    with pytest.raises(omero.ValidationException) as refused:
        service.runScript(script_id, inputs, None)
    assert refused.value.message.startswith("Invalid parameters:\n")
    assert complaint in refused.value.message
    query = "select j from ScriptJob j join fetch j.status order by j.id desc"
    job = connection.getQueryService().findAllByQuery(
        query, omero.sys.ParametersI().page(0, 1)
    )[0]
    assert job.status.value.val == "Error"
    assert job.finished is not None


def test_a_script_that_fails(connection, service) -> None:
    process = service.runScript(service.getScriptID("/Fail.py"), {}, None)
    assert process.wait() == 1
    results = process.getResults(0)
    assert read_file(connection, results["stdout"]) == b"before\n"
    assert b"RuntimeError: on purpose" in read_file(connection, results["stderr"])
    assert process.getJob().status.value.val == "Error"


@posix
def test_cancelling(connection, linger) -> None:
    process, pids, folder = linger()
    assert process.poll() is None
    with pytest.raises(omero.ApiUsageException, match=r"Process still running\."):
        process.getResults(0)
    with pytest.raises(
        omero.ApiUsageException, match="Refusing to wait more than 5 seconds: 6"
    ):
        process.getResults(6)
    heard = []

    class Callback(omero.scripts.ProcessCallbackI):
        def processCancelled(self, success, current=None):
            heard.append(success)

    callback = Callback(connection.c, process)
    assert process.cancel()
    assert process.poll() == rint(-signal.SIGTERM)
    assert process.getJob().status.value.val == "Cancelled"
    assert wait_until(lambda: heard == [True])
    callback.close()
    assert wait_until(lambda: not any(map(is_alive, pids)))
    assert not folder.exists()
    # What the script left before is there.
    assert "ICE_CONFIG" in unwrap(process.getResults(0)["Environment"])


def test_who_is_told_of_the_end_gets_the_results(connection, service) -> None:
    script_id = service.getScriptID("/checks/Every_Type.py")
    told = threading.Event()
    found = []

    class Callback(omero.scripts.ProcessCallbackI):
        def processFinished(self, code, current=None):
            told.set()

    for _ in range(3):
        process = service.runScript(script_id, {"Text": rstring("one")}, rint(5))
        callback = Callback(connection.c, process)
        assert told.wait(120)
        told.clear()
        found.append(process.getResults(0))
        callback.close()
    assert all("Got_Text" in results for results in found)


@posix
def test_a_stubborn_script_is_killed_with_what_it_started(linger) -> None:
    process, pids, _ = linger(Stubborn=True)
    assert process.kill()
    assert process.poll() == rint(-signal.SIGKILL)
    assert wait_until(lambda: not any(map(is_alive, pids)))


@posix
def test_what_a_script_leaves_running_ends_with_it(linger) -> None:
    process, pids, _ = linger(Return=True)
    assert process.wait() == 0
    assert wait_until(lambda: not any(map(is_alive, pids)))


@posix
def test_closing_without_detaching_ends_the_script(linger) -> None:
    process, pids, _ = linger()
    process.close(False)
    assert not any(map(is_alive, pids))
    with pytest.raises(omero.all.Ice.ObjectNotExistException):
        process.poll()


@posix
def test_time_is_limited(connection, linger) -> None:
    config = connection.c.sf.getConfigService()
    for limit in ("4000", "20000", "100000"):  # milliseconds, for it to start in
        config.setConfigValue("omero.scripts.timeout", limit)
        try:
            process, pids, _ = linger(Stubborn=True)
            break
        except EndedEarly:
            continue
        finally:
            config.setConfigValue("omero.scripts.timeout", "")
    assert process.wait() == -signal.SIGKILL
    assert wait_until(lambda: not any(map(is_alive, pids)))
    job = process.getJob()
    assert job.status.value.val == "Error"
    assert "too long" in job.message.val


@posix
def test_a_script_sees_little_of_the_server(linger, monkeypatch) -> None:
    process, _, folder = linger()
    assert (folder.stat().st_mode & 0o777) == 0o700
    config = folder / "config"
    assert (config.stat().st_mode & 0o777) == 0o600
    properties = dict(line.split("=", 1) for line in config.read_text().splitlines())
    assert set(properties) == {
        *("omero.job", "omero.user", "omero.pass", "Ice.Default.Router"),
    }
    assert properties["omero.user"] == properties["omero.pass"]
    process.cancel()
    seen = set(unwrap(process.getResults(0)["Environment"]).split())
    assert {"ICE_CONFIG", "OMERO_HOME", "PATH"} <= seen
    # Set by pytest in the process that started the server.
    assert "PYTEST_CURRENT_TEST" not in seen
    assert "OMERO_SANDBOX_TEST" not in seen


def test_a_process_is_found_again_by_its_text(runner, connection, linger) -> None:
    process, _, _ = linger()
    other = omero.client(runner.host, runner.port)
    other.joinSession(connection.c.getSessionId()).detachOnDestroy()
    try:
        text = str(process)
        # OMERO.web goes by the category, and makes an element's id of the name.
        assert re.match(r"ProcessCallback/[0-9a-f-]{36} -", text)
        again = omero.grid.ScriptProcessPrx.checkedCast(other.ic.stringToProxy(text))
        assert again.poll() is None
        # Also by one who works in another group just then.
        elsewhere = {"omero.group": "1"}
        assert again.getJob(elsewhere).id.val == process.getJob().id.val
        assert again.setMessage("nearly there", {"omero.group": "-1"}) == ""
        assert process.getJob().message.val == "nearly there"
        again.cancel()
    finally:
        other.__del__()
    assert process.poll() is not None


def test_two_clients_wait_for_one_script(linger) -> None:
    process, _, _ = linger()
    codes = []
    waiting = threading.Thread(target=lambda: codes.append(process.wait()))
    waiting.start()
    process.cancel()
    waiting.join(60)
    assert codes == [process.poll().val]


@posix
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_no_script_outlives_the_server(how, tmp_path) -> None:
    library = Path(__file__).parent / "library"
    with Sandbox(tmp_path / "data", scripts=library) as sandbox:
        client = omero.client(sandbox.host, sandbox.port)
        service = client.createSession("root", "omero").getScriptService()
        told = tmp_path / "told"
        inputs = {"Tell": rstring(str(told)), "Stubborn": rbool(True)}
        service.runScript(service.getScriptID("/checks/Linger.py"), inputs, None)
        assert wait_until(told.exists)
        pids = [int(word) for word in told.read_text().split()[:2]]
        assert all(map(is_alive, pids))
        if how == "killed":
            os.kill(sandbox.pid, signal.SIGKILL)
            assert wait_until(lambda: not any(map(is_alive, pids)))
    assert wait_until(lambda: not any(map(is_alive, pids)))
    client.__del__()
    if how == "stopped":
        assert not (tmp_path / "data" / "runs").exists()
