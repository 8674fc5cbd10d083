"""What becomes of the objects of a graph that is saved."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import pytest
from omero.model.enums import UnitsLength
from omero.rtypes import rbool, rdouble, rint, rstring, rtime

from napari_omero_io.sandbox.errors import ApiUsage, Invalid, NotAllowed, StaleObject


def mask(text: str) -> Any:
    shape = omero.model.MaskI()
    shape.x, shape.y = rdouble(1), rdouble(2)
    shape.width, shape.height = rdouble(3), rdouble(3)
    shape.bytes = b"\xaa\x80"
    shape.textValue = rstring(text)
    return shape


def region(clerk: Any, call: Any, *texts: str) -> Any:
    roi = omero.model.RoiI()
    roi.image = clerk.image(call)
    for text in texts:
        roi.addShape(mask(text))
    return clerk.save(call, roi)


def texts(roi: Any) -> list[str]:
    return [shape.textValue.val for shape in roi.copyShapes()]


def reread(clerk: Any, call: Any, roi: Any) -> Any:
    query = "select r from Roi r left join fetch r.shapes where r.id = :id"
    (found,) = clerk.find(call, query, id=roi.id.val)
    return found


# --- new objects ------------------------------------------------------------------


def test_a_new_object_comes_back_whole(clerk: Any, mia: Any) -> None:
    sent = omero.model.ProjectI()
    sent.name = rstring("Cells")
    saved = clerk.save(mia, sent)
    assert sent.id is None  # what was sent is left alone
    assert saved.name.val == "Cells"
    assert saved.description is None
    assert saved.isLoaded()
    assert saved.isDatasetLinksLoaded()  # it was loaded when it was sent
    details = saved.details
    assert details.owner.omeName.val == "mia"
    assert details.group.name.val == "lab"
    assert details.creationEvent.isLoaded()
    assert details.creationEvent.id.val == details.updateEvent.id.val
    assert str(details.permissions) == "rwra--"
    assert details.permissions.canEdit()
    assert clerk.get(mia, "Project", saved.id).name.val == "Cells"


def test_unloaded_collections_come_back_unloaded(clerk: Any, mia: Any) -> None:
    sent = omero.model.ProjectI()
    sent.name = rstring("Cells")
    sent.unloadCollections()
    assert not clerk.save(mia, sent).isDatasetLinksLoaded()


def test_a_graph_is_saved_from_any_corner(clerk: Any, mia: Any) -> None:
    project, dataset = omero.model.ProjectI(), omero.model.DatasetI()
    project.name, dataset.name = rstring("p"), rstring("d")
    link = project.linkDataset(dataset)
    saved = clerk.save(mia, dataset)
    (back,) = saved.copyProjectLinks()
    assert back.child is saved
    assert back.parent.name.val == "p"
    assert back.parent.copyDatasetLinks() == [back]
    assert link.id is None
    assert clerk.count("Project") == clerk.count("ProjectDatasetLink") == 1


def test_a_shared_field_of_a_plate(clerk: Any, mia: Any) -> None:
    """A well whose graph reaches runs and fields that it shares, in one call."""
    plate, run = omero.model.PlateI(), omero.model.PlateAcquisitionI()
    plate.name = rstring("plate")
    plate.addPlateAcquisition(run)
    image = clerk.image(mia)
    for column in range(2):
        well = omero.model.WellI()
        well.row, well.column = rint(0), rint(column)
        plate.addWell(well)
        for _ in range(2):
            field = omero.model.WellSampleI()
            field.image = omero.model.ImageI(image.id.val, False)
            run.addWellSample(field)
            well.addWellSample(field)
    saved = clerk.save(mia, plate)
    wells = sorted(saved.copyWells(), key=lambda well: well.column.val)
    assert [well.sizeOfWellSamples() for well in wells] == [2, 2]
    (run,) = saved.copyPlateAcquisitions()
    assert run.sizeOfWellSample() == 4
    assert {id(one) for one in run.copyWellSample()} == {
        id(one) for well in wells for one in well.copyWellSamples()
    }


def test_the_reference_of_a_link_comes_back_loaded(clerk: Any, mia: Any) -> None:
    project = clerk.project(mia)
    dataset = omero.model.DatasetI()
    dataset.name = rstring("d")
    dataset = clerk.save(mia, dataset)
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(project.id.val, False)
    link.child = omero.model.DatasetI(dataset.id.val, False)
    saved = clerk.save(mia, link)
    assert saved.parent.name.val == "p"
    assert not saved.parent.isDatasetLinksLoaded()
    assert not link.parent.isLoaded()


def test_order_and_ids_of_several(clerk: Any, mia: Any) -> None:
    sent = []
    for name in "abc":
        project = omero.model.ProjectI()
        project.name = rstring(name)
        sent.append(project)
    saved = clerk.update.saveAndReturnArray(mia, [*sent, None, sent[0]])
    assert [one.name.val for one in saved] == ["a", "b", "c", "a"]
    assert saved[0] is saved[3]
    ids = clerk.update.saveAndReturnIds(mia, sent)
    assert len(set(ids)) == 3
    with pytest.raises(ApiUsage, match="INSERTs only"):
        clerk.update.saveAndReturnIds(mia, saved)
    assert clerk.save(mia, None) is None


# --- objects that are there -------------------------------------------------------


def test_a_loaded_object_overwrites_everything(clerk: Any, mia: Any) -> None:
    project = clerk.project(mia)
    project.description = rstring("text")
    project = clerk.save(mia, project)
    project.description = None
    project.name = rstring("q")
    clerk.save(mia, project)
    found = clerk.get(mia, "Project", project.id)
    assert (found.name.val, found.description) == ("q", None)


def test_an_unloaded_reference_changes_nothing(clerk: Any, mia: Any) -> None:
    project = clerk.project(mia)
    before = project.details.updateEvent.id.val
    clerk.save(mia, omero.model.ProjectI(project.id.val, False))
    found = clerk.get(mia, "Project", project.id)
    assert found.name.val == "p"
    assert found.details.updateEvent.id.val == before


@pytest.mark.parametrize("is_loaded", [True, False])
def test_what_is_referred_to_must_be_there(
    clerk: Any, mia: Any, is_loaded: bool
) -> None:
    with pytest.raises(Invalid, match="no longer exists"):
        clerk.save(mia, omero.model.ProjectI(12345, is_loaded))


def test_a_reference_must_be_of_the_right_class(clerk: Any, mia: Any) -> None:
    tag = omero.model.TagAnnotationI()
    tag = clerk.save(mia, tag)
    link = omero.model.ProjectAnnotationLinkI()
    link.parent = clerk.project(mia)
    link.child = omero.model.CommentAnnotationI(tag.id.val, False)
    with pytest.raises(Invalid, match="another class"):
        clerk.save(mia, link)


def test_only_a_real_change_makes_an_update_event(clerk: Any, mia: Any) -> None:
    project = clerk.project(mia)
    first = project.details.updateEvent.id.val
    assert clerk.save(mia, project).details.updateEvent.id.val == first
    events = clerk.count("Event")
    project.name = rstring("other")
    changed = clerk.save(mia, project)
    assert clerk.count("Event") == events + 1
    assert changed.details.updateEvent.id.val > first
    assert changed.details.creationEvent.id.val == first


def test_somebody_saved_in_between(clerk: Any, mia: Any) -> None:
    project = clerk.project(mia)
    one = clerk.get(mia, "Project", project.id)
    two = clerk.get(mia, "Project", project.id)
    one.name = rstring("one")
    clerk.save(mia, one)
    two.name = rstring("two")
    with pytest.raises(StaleObject):
        clerk.save(mia, two)
    two.details.updateEvent = None  # nothing to judge by
    assert clerk.save(mia, two).name.val == "two"


def test_all_or_nothing(clerk: Any, mia: Any) -> None:
    good, bad = omero.model.ProjectI(), omero.model.ProjectI()
    good.name = rstring("good")
    with pytest.raises(Invalid):
        clerk.update.saveCollection(mia, [good, bad])
    assert clerk.count("Project") == 0
    assert clerk.count("EventLog") == 0


def test_the_history_tells_of_it(clerk: Any, mia: Any) -> None:
    project = clerk.project(mia)
    project.name = rstring("q")
    clerk.save(mia, project)
    clerk.delete(mia, project)
    logs = clerk.find(mia, "select l from EventLog l join fetch l.event order by l.id")
    assert [(log.action.val, log.entityType.val, log.entityId.val) for log in logs] == [
        (action, "ome.model.containers.Project", project.id.val)
        for action in ("INSERT", "UPDATE", "DELETE")
    ]
    assert all(log.event.experimenter.id.val == mia.caller.user_id for log in logs)


# --- enumerations -----------------------------------------------------------------


def test_enumerations_are_found_by_value(clerk: Any, mia: Any) -> None:
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring("f"), rstring("/")
    file.hasher = omero.model.ChecksumAlgorithmI()
    file.hasher.value = rstring("SHA1-160")
    before = clerk.count("ChecksumAlgorithm")
    saved = clerk.save(mia, file)
    assert saved.hasher.value.val == "SHA1-160"
    hasher = clerk.get(mia, "ChecksumAlgorithm", saved.hasher.id)
    assert hasher.value.val == "SHA1-160"
    assert clerk.count("ChecksumAlgorithm") == before
    assert saved.mimetype.val == "application/octet-stream"  # the database's default
    saved.hasher = omero.model.ChecksumAlgorithmI(hasher.id, False)
    assert not clerk.save(mia, saved).hasher.isLoaded()


def test_only_administrators_add_enumerations(clerk: Any, mia: Any, root: Any) -> None:
    image = omero.model.ImageI()
    image.name = rstring("i")
    image.format = omero.model.FormatI()
    image.format.value = rstring("Scribble")
    with pytest.raises(NotAllowed, match="system type"):
        clerk.save(mia, image)
    saved = clerk.save(root, image)
    assert clerk.get(root, "Format", saved.format.id).value.val == "Scribble"


# --- collections ------------------------------------------------------------------


def test_a_member_saved_without_its_parent_stays_where_it_is(
    clerk: Any, mia: Any
) -> None:
    """OMERO.iviewer saves shapes so; new ones still need a region."""
    roi = region(clerk, mia, "a", "b")
    changed = mask("c")
    changed.id = roi.copyShapes()[1].id
    clerk.save(mia, changed)
    assert texts(reread(clerk, mia, roi)) == ["a", "c"]
    with pytest.raises(Invalid, match=r"Mask\.roi"):
        clerk.save(mia, mask("stray"))


def test_a_list_keeps_its_order(clerk: Any, mia: Any) -> None:
    roi = region(clerk, mia, *"abcd")
    assert texts(roi) == list("abcd")
    found = reread(clerk, mia, roi)
    assert texts(found) == list("abcd")
    found._shapesSeq.reverse()
    assert texts(clerk.save(mia, found)) == list("dcba")
    assert texts(reread(clerk, mia, roi)) == list("dcba")


def test_members_that_are_missing_from_a_list_are_deleted(clerk: Any, mia: Any) -> None:
    roi = region(clerk, mia, *"abc")
    update = roi.details.updateEvent.id.val
    roi._shapesSeq = [roi._shapesSeq[2], mask("new"), roi._shapesSeq[0]]
    saved = clerk.save(mia, roi)
    assert texts(reread(clerk, mia, roi)) == ["c", "new", "a"]
    assert clerk.count("Shape") == 3
    assert saved.details.updateEvent.id.val > update  # its list changed


def test_an_unloaded_list_is_left_alone(clerk: Any, mia: Any) -> None:
    roi = region(clerk, mia, *"abc")
    found = clerk.get(mia, "Roi", roi.id)
    assert not found._shapesLoaded
    found.name = rstring("named")
    clerk.save(mia, found)
    assert texts(reread(clerk, mia, roi)) == list("abc")


def test_holes_in_a_list_are_closed(clerk: Any, mia: Any) -> None:
    roi = region(clerk, mia, *"ab")
    roi._shapesSeq.insert(1, None)
    clerk.save(mia, roi)
    assert texts(reread(clerk, mia, roi)) == list("ab")


def test_a_child_that_only_knows_its_parent_is_appended(clerk: Any, mia: Any) -> None:
    roi = region(clerk, mia, *"ab")
    for text in "cd":
        shape = mask(text)
        shape.roi = omero.model.RoiI(roi.id.val, False)
        clerk.save(mia, shape)
    assert texts(reread(clerk, mia, roi)) == list("abcd")


def test_a_member_may_move_to_another_list(clerk: Any, mia: Any) -> None:
    one, two = region(clerk, mia, *"ab"), region(clerk, mia, "c")
    moved = one._shapesSeq.pop(0)
    two.addShape(moved)
    clerk.update.saveCollection(mia, [one, two])
    assert texts(reread(clerk, mia, one)) == ["b"]
    assert texts(reread(clerk, mia, two)) == ["c", "a"]
    assert clerk.count("Shape") == 3


def test_missing_links_are_deleted_but_not_what_they_led_to(
    clerk: Any, mia: Any
) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("p")
    for name in "ab":
        dataset = omero.model.DatasetI()
        dataset.name = rstring(name)
        project.linkDataset(dataset)
    saved = clerk.save(mia, project)
    saved._datasetLinksSeq.pop()
    clerk.save(mia, saved)
    assert clerk.count("ProjectDatasetLink") == 1
    assert clerk.count("Dataset") == 2


def test_missing_members_of_other_collections_are_ignored(clerk: Any, mia: Any) -> None:
    roi = region(clerk, mia, "a")
    query = "select i from Image i join fetch i.rois where i.id = :id"
    (image,) = clerk.find(mia, query, id=roi.image.id.val)
    image._roisSeq.clear()
    clerk.save(mia, image)
    assert clerk.count("Roi") == 1


def test_links_of_others_that_one_cannot_see_stay(clerk: Any, society: Any) -> None:
    mia, root = society.call("mia", "secret"), society.call("root", "secret")
    project = clerk.project(mia)
    tag = clerk.save(root, omero.model.TagAnnotationI())
    tables = society.core.database.tables
    with society.core.database.write() as connection:
        row = {"id": 77, "parent_id": project.id.val, "child_id": tag.id.val}
        row |= {"owner_id": 0, "group_id": mia.caller.group_id}
        row |= {"creation_id": 0, "update_id": 0}
        connection.execute(tables["ProjectAnnotationLink"].insert(), [row])
    assert project.isAnnotationLinksLoaded()
    clerk.save(mia, project)
    assert clerk.count("ProjectAnnotationLink") == 1


# --- values -----------------------------------------------------------------------


def test_required_fields(clerk: Any, mia: Any) -> None:
    with pytest.raises(Invalid, match=r"ome\.model\.containers\.Project\.name"):
        clerk.save(mia, omero.model.ProjectI())
    project = clerk.project(mia)
    project.name = None
    with pytest.raises(Invalid, match="not-null property"):
        clerk.save(mia, project)
    link = omero.model.ProjectDatasetLinkI()
    link.parent = omero.model.ProjectI(project.id.val, False)
    with pytest.raises(Invalid, match=r"ProjectDatasetLink\.child"):
        clerk.save(mia, link)
    laser = omero.model.LaserI()  # required by a class below the table's
    laser.instrument = omero.model.InstrumentI()
    with pytest.raises(Invalid, match=r"Laser\.(type|laserMedium)"):
        clerk.save(mia, laser)


@pytest.mark.parametrize("size", [0, -1])
def test_numbers_out_of_bounds(clerk: Any, mia: Any, size: int) -> None:
    image = omero.model.ImageI()
    image.name = rstring("i")
    image.series = rint(-1)
    with pytest.raises(ApiUsage, match=r"Image\.series may not be -1"):
        clerk.save(mia, image)
    channel = omero.model.LogicalChannelI()
    channel.emissionWave = omero.model.LengthI(float(size), UnitsLength.NANOMETER)
    with pytest.raises(ApiUsage, match="emissionWave"):
        clerk.save(mia, channel)
    environment = omero.model.ImagingEnvironmentI()
    environment.humidity = rdouble(1.5)
    with pytest.raises(ApiUsage, match="humidity"):
        clerk.save(mia, environment)


def test_the_database_fills_in_series_and_namespaces(clerk: Any, mia: Any) -> None:
    assert clerk.image(mia).series.val == 0
    for _ in range(2):
        tag = omero.model.TagAnnotationI()
        tag.ns = rstring("example.org/mine")
        clerk.save(mia, tag)
    (namespace,) = clerk.find(mia, "select n from Namespace n")
    assert namespace.name.val == "example.org/mine"


def test_every_kind_of_value(clerk: Any, mia: Any) -> None:
    plate = omero.model.PlateI()
    plate.name = rstring("µ ✓ 𝒳")
    plate.wellOriginX = omero.model.LengthI(1.5, UnitsLength.REFERENCEFRAME)
    plate.rows = rint(-3)
    saved = clerk.get(mia, "Plate", clerk.save(mia, plate).id)
    assert saved.name.val == "µ ✓ 𝒳"
    assert saved.wellOriginX.getValue() == 1.5
    assert saved.wellOriginX.getUnit() == UnitsLength.REFERENCEFRAME
    assert saved.rows.val == -3
    long = omero.model.TimestampAnnotationI()
    long.timeValue = rtime(-123456789012)
    assert clerk.get(mia, "Annotation", clerk.save(mia, long).id).timeValue.val == (
        -123456789012
    )
    flag = omero.model.BooleanAnnotationI()
    flag.boolValue = rbool(False)
    assert clerk.save(mia, flag).boolValue.val is False
    roi = region(clerk, mia, "a")
    assert bytes(reread(clerk, mia, roi)._shapesSeq[0].bytes) == b"\xaa\x80"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 5e-324])
def test_extreme_numbers(clerk: Any, mia: Any, value: float) -> None:
    stats = omero.model.StatsInfoI()
    stats.globalMin, stats.globalMax = rdouble(value), rdouble(value)
    saved = clerk.save(mia, stats)
    assert repr(saved.globalMax.val) == repr(value)
    update = saved.details.updateEvent.id.val
    assert clerk.save(mia, saved).details.updateEvent.id.val == update
    assert repr(clerk.get(mia, "StatsInfo", saved.id).globalMin.val) == repr(value)


def test_key_value_pairs(clerk: Any, mia: Any) -> None:
    pairs = [("a", "1"), ("b", "µ"), ("a", "1"), ("", "")]
    sent = omero.model.MapAnnotationI()
    sent.mapValue = [omero.model.NamedValue(*pair) for pair in pairs]
    saved = clerk.save(mia, sent)
    assert [(pair.name, pair.value) for pair in saved.mapValue] == pairs
    first = saved.details.updateEvent.id.val
    assert clerk.save(mia, saved).details.updateEvent.id.val == first
    saved.mapValue = saved.mapValue[2:]
    again = clerk.save(mia, saved)
    assert [(pair.name, pair.value) for pair in again.mapValue] == pairs[2:]
    assert again.details.updateEvent.id.val > first


def test_uniqueness(clerk: Any, mia: Any, ned: Any) -> None:
    project, tag = clerk.project(mia), clerk.save(mia, omero.model.TagAnnotationI())

    def link() -> Any:
        made = omero.model.ProjectAnnotationLinkI()
        made.parent = omero.model.ProjectI(project.id.val, False)
        made.child = omero.model.TagAnnotationI(tag.id.val, False)
        return made

    clerk.save(mia, link())
    with pytest.raises(Invalid, match="UNIQUE"):
        clerk.save(mia, link())
    assert clerk.save(ned, link())  # another owner may
    assert clerk.count("ProjectAnnotationLink") == 2


def test_external_info(clerk: Any, mia: Any) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("p")
    info = omero.model.ExternalInfoI()
    info.entityId, info.entityType = omero.rtypes.rlong(3), rstring("x")
    info.lsid = rstring("urn:lsid:example.org:1")
    project.details.externalInfo = info
    saved = clerk.save(mia, project)
    assert saved.details.externalInfo.lsid.val == "urn:lsid:example.org:1"
    query = "select p from Project p join fetch p.details.externalInfo where p.id = :id"
    (found,) = clerk.find(mia, query, id=saved.id.val)
    assert found.details.externalInfo.lsid.val == "urn:lsid:example.org:1"
    found.details.externalInfo = None
    assert clerk.save(mia, found).details.externalInfo is None
    assert not clerk.find(mia, query, id=saved.id.val)
