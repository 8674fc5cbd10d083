"""Scripts as files: listed, uploaded, edited, deleted, by whom they may be."""

from __future__ import annotations

import hashlib

import omero
import omero.all
import omero.model
import pytest
from omero.rtypes import rlong, rstring, unwrap

GOOD = """
import omero.scripts as scripts
client = scripts.client("Good.py", {text!r}, scripts.Long("Number", default=1))
print(client.getInputs(unwrap=True))
"""


def paths(scripts):
    return {f"{one.path.val}{one.name.val}" for one in scripts}


def test_official_scripts(service, folder) -> None:
    found = {one.name.val: one for one in service.getScripts()}
    assert {"Every_Type.py", "Linger.py", "Fail.py"} <= set(found)
    assert "README.txt" not in found
    fail = found["Fail.py"]
    content = (folder / "Fail.py").read_bytes()
    assert (fail.path.val, fail.mimetype.val) == ("/", "text/x-python")
    assert (fail.repo.val, fail.hasher.value.val) == ("ScriptRepo", "SHA1-160")
    assert (fail.hash.val, fail.size.val) == (
        hashlib.sha1(content).hexdigest(),
        len(content),
    )
    assert (fail.details.owner.id.val, fail.details.group.id.val) == (0, 1)
    assert service.getScriptID("/Fail.py") == fail.id.val
    assert service.getScriptID("Fail.py") == fail.id.val
    assert service.getScriptID("/No_Such.py") == -1
    assert service.getScriptText(fail.id.val) == content.decode()
    ((text, file),) = service.getScriptWithDetails(fail.id.val).items()
    assert (text, file.val.id.val) == (content.decode(), fail.id.val)
    assert service.canRunScript(fail.id.val)


def test_the_folder_is_looked_at_again(service, folder) -> None:
    script = folder / "sub" / "Later.py"
    assert service.getScriptID("/sub/Later.py") == -1
    script.parent.mkdir()
    script.write_text("first")
    script_id = service.getScriptID("/sub/Later.py")
    assert service.getScriptText(script_id) == "first"
    script.write_text("second")
    assert "/sub/Later.py" in paths(service.getScripts())
    assert service.getScriptText(script_id) == "second"
    script.unlink()
    assert "/sub/Later.py" not in paths(service.getScripts())
    assert service.getScriptID("/sub/Later.py") == -1
    assert service.getScriptText(script_id) == ""
    with pytest.raises(omero.ApiUsageException, match="No script with id"):
        service.runScript(987654, {}, None)
    script.write_text("third")
    assert service.getScriptID("/sub/Later.py") == script_id


def test_lookup_tables_are_files_too(connection, service) -> None:
    tables = service.getScriptsByMimetype("text/x-lut")
    assert "/luts/hot.lut" in paths(tables)
    assert not paths(tables) & paths(service.getScripts())
    (red,) = [one for one in tables if one.name.val == "red.lut"]
    wrapper = connection.getObject("OriginalFile", red.id.val)
    content = b"".join(wrapper.getFileInChunks())
    assert content == bytes(range(256)) + bytes(512)


def test_a_users_own_script(new_user) -> None:
    user, stranger = new_user(), new_user()
    service = user.c.sf.getScriptService()
    script_id = service.uploadScript("/mine/Good.py", GOOD.format(text="first"))
    (listed,) = service.getUserScripts([])
    assert listed.id.val == script_id
    assert paths([listed]) == {"/mine/Good.py"}
    me = omero.model.ExperimenterI(user.getUserId(), False)
    ours = omero.model.ExperimenterGroupI(user.getEventContext().groupId, False)
    assert [one.id.val for one in service.getUserScripts([me])] == [script_id]
    assert [one.id.val for one in service.getUserScripts([ours])] == [script_id]
    assert service.getUserScripts([omero.model.ExperimenterI(0, False)]) == []
    with pytest.raises(omero.ValidationException):
        service.getUserScripts([omero.model.ImageI(1, False)])
    assert "/mine/Good.py" not in paths(service.getScripts())

    process = service.runScript(script_id, {"Number": rlong(4)}, None)
    job = process.getJob()
    # Processors ask whether a job's script is one that they run.
    assert service.validateScript(job, []) is None
    assert service.validateScript(job, [me]).id.val == script_id
    assert process.wait() == 0
    service.editScript(listed, GOOD.format(text="second"))
    assert service.getParams(script_id).description == "second"
    assert "second" in service.getScriptText(script_id)

    with pytest.raises(omero.ApiUsageException, match="No script with id"):
        stranger.c.sf.getScriptService().deleteScript(script_id)
    service.deleteScript(script_id)
    assert service.getUserScripts([]) == []
    assert service.getParams(script_id) is None
    with pytest.raises(
        omero.ApiUsageException, match=f"No script with id {script_id} on server"
    ):
        service.deleteScript(script_id)


def test_a_script_of_somebody_else_finds_no_processor(new_user, service) -> None:
    user = new_user()
    text = GOOD.format(text="theirs")
    script_id = user.c.sf.getScriptService().uploadScript("Good.py", text)
    everywhere = {"omero.group": "-1"}
    assert service.getScriptText(script_id, everywhere) == text
    assert not service.canRunScript(script_id)
    with pytest.raises(omero.NoProcessorAvailable) as refused:
        service.runScript(script_id, {}, None)
    assert refused.value.processorCount == 1
    assert refused.value.message == "No processor available! [1 response(s)]"


def test_a_script_that_tells_no_parameters(connection, service) -> None:
    with pytest.raises(omero.ValidationException) as refused:
        service.uploadScript("/Bad.py", "print('hello')\n1 / 0\n")
    assert "ZeroDivisionError" in refused.value.message
    assert "hello" in refused.value.message
    query = "select f from OriginalFile f where f.name = 'Bad.py'"
    (file,) = connection.getQueryService().findAllByQuery(query, None)
    assert file.mimetype.val == "text/plain"
    assert file.id.val not in [one.id.val for one in service.getUserScripts([])]
    with pytest.raises(omero.ApiUsageException, match="No script with id"):
        service.runScript(file.id.val, {}, None)
    # Mended, it is a script again.
    service.editScript(file, GOOD.format(text="mended"))
    assert service.getParams(file.id.val).description == "mended"


def test_official_scripts_are_changed_by_administrators(
    service, new_user, folder
) -> None:
    user = new_user().c.sf.getScriptService()
    text = GOOD.format(text="official")
    with pytest.raises(omero.SecurityViolation, match="User is not an administrator"):
        user.uploadOfficialScript("/new/Good.py", text)
    script_id = service.uploadOfficialScript("/new/Good.py", text)
    assert (folder / "new" / "Good.py").read_text() == text
    with pytest.raises(
        omero.ApiUsageException,
        match=r"Use editScript to modify existing official scripts\.",
    ):
        service.uploadOfficialScript("/new/Good.py", text)
    process = user.runScript(script_id, {}, None)
    assert process.wait() == 0
    (file,) = [one for one in user.getScripts() if one.id.val == script_id]
    for change in (
        lambda: user.editScript(file, "# gone"),
        lambda: user.deleteScript(script_id),
    ):
        with pytest.raises(omero.SecurityViolation):
            change()
    assert (folder / "new" / "Good.py").read_text() == text
    service.editScript(file, text.replace("official", "changed"))
    assert "changed" in (folder / "new" / "Good.py").read_text()
    assert service.getParams(script_id).description == "changed"
    # Its job refers to it: the link goes with it, the job stays.
    service.deleteScript(script_id)
    assert not (folder / "new" / "Good.py").exists()
    assert service.getScriptID("/new/Good.py") == -1
    assert process.getJob().status.value.val == "Finished"


@pytest.mark.parametrize("path", ["/../Outside.py", "../Outside.py", "/a/../../b.py"])
def test_no_path_leads_out_of_the_folder(service, folder, path) -> None:
    with pytest.raises(omero.ApiUsageException, match="Not the path of a script"):
        service.uploadOfficialScript(path, "print()")
    assert not list(folder.parent.glob("*.py"))


def test_a_link_does_not_lead_out_either(service, folder, tmp_path) -> None:
    (folder / "away").symlink_to(tmp_path)
    with pytest.raises(omero.ApiUsageException, match="Not the path of a script"):
        service.uploadOfficialScript("/away/Outside.py", "print()")
    assert not list(tmp_path.iterdir())
    (folder / "away").unlink()


def test_waiting_for_a_processor_has_an_end(service) -> None:
    with pytest.raises(
        omero.ApiUsageException, match=r"Delay is too long\. Maximum = 3 minutes\."
    ):
        service.runScript(1, {}, omero.rtypes.rint(181))


def test_job_handle(connection, service) -> None:
    process = service.runScript(service.getScriptID("/Fail.py"), {}, None)
    process.wait()
    job_id = process.getJob().id.val
    handle = connection.c.sf.createJobHandle()
    with pytest.raises(omero.ApiUsageException):
        handle.jobStatus()
    assert handle.attach(job_id).value.val == "Error"
    assert handle.jobError()
    assert not handle.jobRunning()
    assert handle.jobFinished().val > 0
    assert handle.setMessage("looked at") == ""
    assert handle.jobMessage() == "looked at"
    assert handle.setStatus("Finished") == "Error"
    assert handle.setStatusAndMessage("Running", rstring("again")) == "Finished"
    assert handle.jobRunning()
    handle.cancelJob()
    assert handle.getJob().status.value.val == "Cancelled"
    with pytest.raises(omero.ApiUsageException):
        handle.setStatus("Queued")
    handle.close()


def test_without_being_asked_nothing_runs(gateway) -> None:
    service = gateway.c.sf.getScriptService()
    assert service.getScripts() == []
    assert "/luts/hot.lut" in paths(service.getScriptsByMimetype("text/x-lut"))
    script_id = service.uploadScript("/Kept.py", GOOD.format(text="kept"))
    assert "kept" in service.getScriptText(script_id)
    assert not service.canRunScript(script_id)
    for ask in (
        lambda: service.runScript(script_id, {}, None),
        lambda: service.getParams(script_id),
        lambda: service.uploadOfficialScript("/New.py", "print()"),
    ):
        with pytest.raises(omero.NoProcessorAvailable) as refused:
            ask()
        assert refused.value.processorCount == 0
        assert refused.value.message == "No processor available! [0 response(s)]"
    service.deleteScript(script_id)
    assert unwrap(rstring(service.getScriptText(script_id))) == ""


def test_other_files_are_no_scripts(connection, service, tmp_path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("keep me")
    file = connection.createOriginalFileFromLocalFile(str(notes), mimetype="text/plain")
    file_id = file.getId()
    for ask in (
        lambda: service.runScript(file_id, {}, None),
        lambda: service.editScript(omero.model.OriginalFileI(file_id, False), "gone"),
        lambda: service.deleteScript(file_id),
    ):
        with pytest.raises(omero.ApiUsageException, match="No script with id"):
            ask()
    assert service.getScriptText(file_id) == ""
    assert service.getParams(file_id) is None
    wrapper = connection.getObject("OriginalFile", file_id)
    assert b"".join(wrapper.getFileInChunks()) == b"keep me"
