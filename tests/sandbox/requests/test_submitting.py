"""Requests, one or several, and the handles that answer for them."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rstring

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
    assert status.steps == status.currentStep == 6
    assert status.startTime <= status.stopTime
    with pytest.raises(Locked):
        handle.cancel(mia)
    handle.removeCallback(mia, None)
    handle.close(mia)


def test_a_failure_is_in_the_status(desk: Any, mia: Any) -> None:
    status = desk.submit(mia, omero.cmd.Delete2({"Pixels": [1]})).getStatus(mia)
    assert status.flags == [omero.cmd.State.FAILURE, omero.cmd.State.CANCELLED]
    assert status.name == "bad-target"


def test_what_is_not_supported(desk: Any, mia: Any) -> None:
    assert desk.submit(mia, omero.cmd.ResetPasswordRequest()) is None
    assert desk.submit(mia, None) is None
    inner = omero.cmd.DoAll(requests=[omero.cmd.ResetPasswordRequest()], contexts=[])
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
