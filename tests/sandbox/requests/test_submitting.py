"""Requests, one or several, and the handles that answer for them."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import omero.all
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io.sandbox import requests
from napari_omero_io.sandbox.config import Config
from napari_omero_io.sandbox.errors import Locked


def deletion(kind: str, *objects: Any, dry: bool = False) -> Any:
    request = omero.cmd.Delete2()
    request.targetObjects = {kind: [one.id.val for one in objects]}
    request.dryRun = dry
    return request


def test_a_handle_has_its_answer_at_once(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    request = deletion("Image", image)
    handle = desk.submit(mia, request)
    handle.addCallback(mia, None)
    assert handle.getRequest(mia) is request
    assert handle.getResponse(mia).deletedObjects
    status = handle.getStatus(mia)
    assert status.flags == []
    assert (status.currentStep, status.steps) == (5, 6)
    assert status.startTime <= status.stopTime
    with pytest.raises(Locked):
        handle.cancel(mia)
    handle.removeCallback(mia, None)
    handle.close(mia)


def test_who_only_looks_does_not_wait_for_who_writes(desk: Any, mia: Any) -> None:
    image = desk.image(mia)
    targets = {"Image": [image.id.val]}
    looks = [
        omero.cmd.FindParents(targetObjects=targets, typesOfParents=["Dataset"]),
        omero.cmd.FindChildren(targetObjects=targets, typesOfChildren=["Pixels"]),
        omero.cmd.UsedFilesRequest(image.id.val),
        omero.cmd.ListRequests(),
    ]
    looks.append(omero.cmd.DoAll(requests=list(looks), contexts=[]))
    commits = desk.society.core.database.commits
    with desk.society.core.database.write():  # somebody takes their time
        for request in looks:
            response = desk.submit(mia, request).getResponse(mia)
            assert not isinstance(response, omero.cmd.ERR), response
    # Nor are the rights of everybody derived again.
    assert desk.society.core.database.commits == commits + 1


def test_a_failure_is_in_the_status(desk: Any, mia: Any) -> None:
    status = desk.submit(mia, omero.cmd.Delete2({"Pixels": [1]})).getStatus(mia)
    assert status.flags == [omero.cmd.State.FAILURE, omero.cmd.State.CANCELLED]
    assert status.name == "bad-target"


def test_what_is_not_supported(desk: Any, mia: Any) -> None:
    assert desk.submit(mia, omero.cmd.PopStatus()) is None
    assert desk.submit(mia, None) is None
    inner = omero.cmd.DoAll(requests=[omero.cmd.PopStatus()], contexts=[])
    assert isinstance(desk.submit(mia, inner).getResponse(mia), omero.cmd.ERR)


def test_several_in_order(desk: Any, mia: Any) -> None:
    images = [desk.image(mia) for _ in range(2)]
    project = omero.model.ProjectI()
    project.name = rstring("p")
    request = omero.cmd.DoAll(
        requests=[*(deletion("Image", one) for one in images), omero.api.Save(project)],
        contexts=[],
    )
    response = desk.submit(mia, request).getResponse(mia)
    assert [
        one.deletedObjects["ome.model.core.Image"] for one in response.responses[:2]
    ] == [[one.id.val] for one in images]
    assert response.responses[2].obj.name.val == "p"
    assert [status.flags for status in response.status] == [[], [], []]
    assert desk.count("Image") == 0
    assert desk.count("Project") == 1


def test_several_all_or_none(desk: Any, mia: Any, ned: Any) -> None:
    mine, other = desk.image(mia), desk.image(ned)
    request = omero.cmd.DoAll([deletion("Image", mine), deletion("Image", other)], [])
    response = desk.submit(mia, request).getResponse(mia)
    assert isinstance(response, omero.cmd.ERR)
    assert desk.count("Image") == 2
    assert desk.pixels.deleted == []


def test_saving_what_may_not_be(desk: Any, mia: Any) -> None:
    response = desk.submit(mia, omero.api.Save(omero.model.ProjectI())).getResponse(mia)
    assert response.name == "failed"
    assert "Project.name" in response.parameters["message"]


def test_each_request_has_its_context(desk: Any, mia: Any) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("p")
    group = desk.society.groups["secret"]
    request = omero.cmd.DoAll([omero.api.Save(project)], [{"omero.group": str(group)}])
    (response,) = desk.submit(mia, request).getResponse(mia).responses
    assert response.obj.details.group.id.val == group


def test_skip_head(desk: Any, mia: Any) -> None:
    project, dataset = desk.make(mia, "Project"), desk.make(mia, "Dataset")
    image, other = desk.image(mia), desk.image(mia)
    desk.link(mia, project, dataset)
    desk.link(mia, dataset, image)
    request = omero.cmd.SkipHead()
    request.targetObjects = {"Project": [project.id.val]}
    request.startFrom = ["Image"]
    request.request = omero.cmd.Delete2()
    response = desk.submit(mia, request).getResponse(mia)
    assert response.deletedObjects["ome.model.core.Image"] == [image.id.val]
    assert desk.count("Project") == desk.count("Dataset") == 1
    assert desk.count("Image") == 1
    assert other
    request.startFrom = []
    assert desk.submit(mia, request).getResponse(mia).name == "bad-options"


def test_legal_targets(desk: Any, mia: Any) -> None:
    request = omero.cmd.LegalGraphTargets(omero.cmd.Delete2())
    targets = desk.submit(mia, request).getResponse(mia).targets
    assert "ome.model.core.Image" in targets
    assert "ome.model.annotations.TagAnnotation" in targets
    assert "ome.model.annotations.ImageAnnotationLink" in targets
    assert "ome.model.core.Pixels" not in targets


def code_of(handle: Any, call: Any) -> str:
    response = handle.getResponse(call)
    assert isinstance(response, omero.cmd.ERR), response
    return str(response.name)


def test_time_passes_step_by_step(mia: Any) -> None:
    handle = requests.begin(mia, omero.cmd.Timing(steps=3, millisPerStep=1))
    assert handle is not None
    while handle.getResponse(mia) is None:
        time.sleep(0.01)
    assert isinstance(handle.getResponse(mia), omero.cmd.OK)
    assert handle.getStatus(mia).steps == 3


def test_time_that_passes_can_be_cancelled(mia: Any) -> None:
    handle = requests.begin(mia, omero.cmd.Timing(steps=2, millisPerStep=60_000))
    assert handle is not None
    assert handle.cancel(mia)
    while handle.getResponse(mia) is None:
        time.sleep(0.01)
    assert code_of(handle, mia) == "cancel-called"


@pytest.mark.parametrize(
    ("steps", "pause", "code"),
    [
        (1_000_001, 0, "too-many-steps"),
        (1, 300_001, "too-long-steps"),
        (301, 1000, "too-long"),
    ],
)
def test_too_much_time(mia: Any, steps: int, pause: int, code: str) -> None:
    handle = requests.begin(mia, omero.cmd.Timing(steps=steps, millisPerStep=pause))
    assert handle is not None
    while handle.getResponse(mia) is None:
        time.sleep(0.01)
    assert code_of(handle, mia) == code


@pytest.mark.parametrize(
    ("name", "address", "code"),
    [
        (None, "mia@x.org", "no-omename"),
        ("mia", None, "no-email"),
        ("nobody", "mia@x.org", "unknown-user"),
        ("ned", "mia@x.org", "unknown-email"),
        ("mia", "ned@x.org", "not-match"),
        ("mia", "mia@x.org", "mail-send-failed"),
    ],
)
def test_a_password_that_cannot_be_sent_is_not_reset(
    desk: Any, mia: Any, name: str | None, address: str | None, code: str
) -> None:
    database = desk.society.core.database
    people = database.tables["Experimenter"]
    with database.write() as connection:
        connection.execute(
            people.update().where(people.c.omeName == "mia").values(email="mia@x.org")
        )
    guest = desk.call("guest", "guest")
    request = omero.cmd.ResetPasswordRequest(omename=name, email=address)
    assert code_of(desk.submit(guest, request), guest) == code


def test_the_guest_does_nothing_else(desk: Any) -> None:
    guest = desk.call("guest", "guest")
    request = omero.cmd.Delete2({"Image": [1]})
    assert code_of(desk.submit(guest, request), guest) == "guest-restriction"


def test_mail_needs_an_administrator_and_a_sender(
    desk: Any, mia: Any, tmp_path: Any
) -> None:
    request = omero.cmd.SendEmailRequest(
        "subject", "body", False, [0], [], [], False, False
    )
    assert code_of(desk.submit(mia, request), mia) == "no-permissions"
    root = desk.call("root", "system")
    core = replace(root.core, config=Config(tmp_path / "config.json"))
    root = replace(root, core=core)
    assert code_of(desk.submit(root, request), root) == "no-sender"
