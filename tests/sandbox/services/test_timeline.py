"""ITimeline, and the services that have nothing to tell."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.sys
import pytest
from omero.rtypes import rlong, rstring, rtime

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.services.ldap import LdapService
from napari_omero_io.sandbox.services.share import ShareService
from napari_omero_io.sandbox.services.timeline import TimelineService


def everybody() -> Any:
    parameters = omero.sys.ParametersI()
    parameters.exp(-1)
    return parameters


@pytest.fixture
def timeline(lab: Any) -> TimelineService:
    return TimelineService(lab.society.core, None)


def names(found: dict[str, list[Any]]) -> dict[str, list[str]]:
    return {name: [one.name.val for one in listed] for name, listed in found.items()}


def test_images_by_the_time_they_were_taken(
    lab: Any, timeline: Any, mia: Any, ned: Any
) -> None:
    for day in (1, 2, 3):
        lab.image(mia, f"day {day}", acquisitionDate=rtime(day * 1000))
    lab.image(mia, "no date")
    lab.image(ned, "another's", acquisitionDate=rtime(2000))
    found = timeline.getByPeriod(mia, ["Image"], rtime(1000), rtime(2000), None, False)
    assert names(found) == {"Image": ["day 2", "day 1"]}
    (newest, *_) = found["Image"]
    assert newest.details.owner.omeName.val == "mia"
    assert newest.details.creationEvent.time is not None
    args = (["Image"], rtime(1000), rtime(2000))
    assert timeline.countByPeriod(mia, *args, None) == {"Image": 2}
    assert timeline.countByPeriod(mia, *args, everybody()) == {"Image": 3}


def test_containers_by_their_last_change(lab: Any, timeline: Any, mia: Any) -> None:
    first, second = lab.make(mia, "Project", "a"), lab.make(mia, "Project", "b")
    first.description = rstring("changed")
    lab.save(mia, first)
    found = timeline.getMostRecentObjects(mia, ["Project", "Dataset"], None, False)
    assert names(found) == {"Project": ["a", "b"], "Dataset": []}
    assert second
    long_ago = timeline.getByPeriod(mia, ["Project"], rtime(0), rtime(1), None, False)
    assert long_ago == {"Project": []}


def test_pages_and_merging(lab: Any, timeline: Any, mia: Any) -> None:
    for name in "abc":
        lab.make(mia, "Project", name)
    lab.make(mia, "Dataset", "d")
    page = omero.sys.ParametersI()
    page.page(0, 2)
    found = timeline.getMostRecentObjects(mia, ["Project", "Dataset"], page, True)
    assert sum(map(len, found.values())) == 2
    page = omero.sys.ParametersI()
    page.page(1, 1)
    found = timeline.getMostRecentObjects(mia, ["Project"], page, False)
    assert names(found) == {"Project": ["b"]}


def test_every_kind_and_no_kind(lab: Any, timeline: Any, mia: Any) -> None:
    counts = timeline.countByPeriod(mia, [], None, None, None)
    assert counts == {
        "Project": 0,
        "Dataset": 0,
        "Image": 0,
        "RenderingDef": 0,
        "Annotation": -1,
    }
    assert "Annotation" not in timeline.getByPeriod(mia, [], None, None, None, False)
    with pytest.raises(ApiUsage):
        timeline.countByPeriod(mia, ["Plate"], None, None, None)


def test_the_log_for_a_calendar(lab: Any, timeline: Any, mia: Any, ned: Any) -> None:
    project = lab.make(mia, "Project", "a")
    lab.make(ned, "Project", "another's")
    image = lab.image(mia, acquisitionDate=rtime(5000))
    logs = timeline.getEventLogsByPeriod(mia, rtime(0), rtime(2**60), None)
    found = {
        (one.entityType.val, one.entityId.val, one.action.val): one for one in logs
    }
    assert found.keys() == {
        ("ome.model.containers.Project", project.id.val, "INSERT"),
        ("ome.model.core.Image", image.id.val, "INSERT"),
    }
    taken = found["ome.model.core.Image", image.id.val, "INSERT"]
    assert taken.event.time.val == 5000


def test_annotations_that_were_added_last(lab: Any, timeline: Any, mia: Any) -> None:
    image = lab.image(mia)
    for text in ("a", "b"):
        tag = lab.make(
            mia, "TagAnnotation", textValue=rstring(text), ns=rstring(f"ns/{text}")
        )
        lab.link(mia, "ImageAnnotationLink", image, tag)
    note = lab.make(mia, "CommentAnnotation", textValue=rstring("c"))
    lab.link(mia, "ImageAnnotationLink", image, note)
    get = timeline.getMostRecentAnnotationLinks
    texts = [one.child.textValue.val for one in get(mia, [], [], [], None)]
    assert texts == ["c", "b", "a"]
    texts = [
        one.child.textValue.val
        for one in get(mia, ["Image"], ["TagAnnotation"], ["ns/b%"], None)
    ]
    assert texts == ["b"]
    assert get(mia, ["Project"], [], [], None) == []
    with pytest.raises(ApiUsage):
        get(mia, [], ["TagAnnotation", "CommentAnnotation"], [], None)


def test_by_group(lab: Any, timeline: Any, mia: Any) -> None:
    lab.make(mia, "Project", "a")
    parameters = omero.sys.ParametersI()
    parameters.theFilter = omero.sys.Filter()
    parameters.theFilter.groupId = rlong(12345)
    found = timeline.getMostRecentObjects(mia, ["Project"], parameters, False)
    assert found == {"Project": []}


def test_there_are_no_shares_and_no_ldap(lab: Any, mia: Any) -> None:
    share, ldap = (
        ShareService(lab.society.core, None),
        LdapService(lab.society.core, None),
    )
    assert share.getOwnShares(mia, True) == share.getMemberShares(mia, True) == []
    assert share.getMemberCount(mia, [1]) == {}
    assert share.getShare(mia, 1) is None
    assert ldap.getSetting(mia) is False
