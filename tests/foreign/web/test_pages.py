"""OMERO.web, unmodified, spoken to by a program: its pages, and what they change."""

from __future__ import annotations

import datetime
import io
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from napari_omero_io.refs import OmeroRef, View, write_weblink

from .conftest import Site
from .laboratory import (
    COLLEAGUE,
    MAP_NAMESPACE,
    PASSWORD,
    USER,
    Laboratory,
    connect,
    draw_portrait,
)
from .visitor import Visitor


@pytest.fixture
def made(site: Site) -> Laboratory:
    return site.laboratory


def test_every_page_answers(site: Site, ann: Visitor, pages: Path) -> None:
    made = site.laboratory
    today = datetime.datetime.now(tz=datetime.UTC).date()
    places: dict[str, Any] = {kind: ids[0] for kind, ids in made.ids.items()}
    places |= {"orphan": made.ids["image"][2], "mask": made.ids["shape"][1]}
    places |= {"second_group": made.ids["group"][1]}
    places |= {"year": today.year, "month": today.month, "day": today.day}
    failed = []
    for line in pages.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        path = re.sub(r"\{(\w+)\}", lambda found: str(places[found[1]]), line)
        answer = ann.get(path)
        if answer.status != 200 or "/login/" in answer.url:
            failed.append((answer.status, path, answer.text[-400:]))
    assert not failed
    # Each of them is a bug, even where the page was made without.
    assert "Traceback" not in site.read_log()


def wait_for_jobs(visitor: Visitor) -> list[dict[str, Any]]:
    """Ask as the page does until nothing is under way; forget what is done."""
    for _ in range(1500):
        answer = visitor.get("/webclient/activities_json/").data
        if not answer["inprogress"]:
            jobs = [job for job in answer.values() if isinstance(job, dict)]
            visitor.post("/webclient/activities_update/clean/", {})
            return jobs
        time.sleep(0.2)
    raise AssertionError(answer)


def list_images(visitor: Visitor, dataset: int) -> list[int]:
    found = visitor.get(f"/webclient/api/images/?id={dataset}&page=0").data
    return [image["id"] for image in found["images"]]


def test_containers_are_made_renamed_and_deleted(ann: Visitor) -> None:
    made = ann.post(
        "/webclient/action/addnewcontainer/",
        {"folder_type": "project", "name": "plans", "description": "for later"},
    ).data
    project = made["id"]
    dataset = ann.post(
        f"/webclient/action/addnewcontainer/project/{project}/", {"name": "wednesday"}
    ).data["id"]
    (listed,) = ann.get(f"/webclient/api/datasets/?id={project}").data["datasets"]
    assert (listed["id"], listed["name"]) == (dataset, "wednesday")

    path = f"/webclient/action/savename/dataset/{dataset}/"
    assert ann.post(path, {"name": "thursday"}).data["bad"] == "false"
    path = f"/webclient/action/savedescription/dataset/{dataset}/"
    assert ann.post(path, {"description": "rainy"}).data["bad"] == "false"
    details = ann.get(f"/webclient/metadata_details/dataset/{dataset}/").text
    assert "thursday" in details
    assert "rainy" in details

    form = {"project": project, "child": "on", "anns": "on"}
    assert ann.post("/webclient/action/deletemany/", form).data["bad"] == "false"
    (job,) = wait_for_jobs(ann)
    assert job["status"] == "finished"
    assert ann.get(f"/api/v0/m/projects/{project}/").status == 404
    assert ann.get(f"/api/v0/m/datasets/{dataset}/").status == 404


def test_images_are_copied_and_moved_between_datasets(
    ann: Visitor, made: Laboratory
) -> None:
    monday, tuesday = made.ids["dataset"]
    image = made.ids["image"][1]
    link = {"dataset": {tuesday: {"image": [image]}}}
    assert ann.send("POST", "/webclient/api/links/", link).data["success"]
    assert ann.send("POST", "/webclient/api/links/", link).data["success"], "again"
    assert image in list_images(ann, monday)
    assert image in list_images(ann, tuesday)
    left = ann.send("DELETE", "/webclient/api/links/", link).data
    assert left["dataset"] == {str(monday): {"image": [image]}}
    assert image not in list_images(ann, tuesday)


def test_images_are_deleted(site: Site, ann: Visitor, made: Laboratory) -> None:
    conn = connect(site.sandbox, USER)
    try:
        pixels = iter([np.arange(64, dtype=np.uint8).reshape(8, 8)])
        image = conn.createImageFromNumpySeq(pixels, "not wanted").getId()
    finally:
        conn.close()
    assert ann.get(f"/api/v0/m/images/{image}/").status == 200
    answer = ann.post("/webclient/action/deletemany/", {"image": image})
    assert answer.data["bad"] == "false"
    (job,) = wait_for_jobs(ann)
    assert (job["status"], job["error"]) == ("finished", 0)
    assert ann.get(f"/api/v0/m/images/{image}/").status == 404

    in_a_well = made.ids["field"][3]
    ann.post("/webclient/action/deletemany/", {"image": in_a_well})
    (job,) = wait_for_jobs(ann)
    assert (job["status"], job["error"]) == ("failed", 1)
    assert ann.get(f"/api/v0/m/images/{in_a_well}/").status == 200


def find_annotations(visitor: Visitor, image: int, kind: str) -> list[dict[str, Any]]:
    path = f"/webclient/api/annotations/?image={image}&type={kind}"
    found: list[dict[str, Any]] = visitor.get(path).data["annotations"]
    return found


def test_tags_are_added_and_removed(ann: Visitor, made: Laboratory) -> None:
    image = made.ids["image"][1]
    form = {
        **{"image": image, "filter_mode": "any", "filter_owner_mode": "all"},
        **{"newtags-TOTAL_FORMS": 1, "newtags-INITIAL_FORMS": 0},
        **{"newtags-MAX_NUM_FORMS": 1000, "newtags-0-tag": "blurred"},
        **{"newtags-0-description": "out of focus", "newtags-0-tagset": ""},
        "tags": made.first("tag"),
    }
    answer = ann.post("/webclient/annotate_tags/", form).data
    assert answer["added"] == [made.first("tag")]
    (new,) = answer["new"]
    texts = {tag["textValue"] for tag in find_annotations(ann, image, "tag")}
    assert texts == {"mitosis", "blurred"}

    none = {"newtags-TOTAL_FORMS": 0, "newtags-INITIAL_FORMS": 0}
    answer = ann.post(
        "/webclient/annotate_tags/", {"image": image, "tags": "", **none}
    ).data
    assert sorted(answer["removed"]) == sorted([made.first("tag"), new])
    assert find_annotations(ann, image, "tag") == []


def test_pairs_comments_and_ratings(ann: Visitor, made: Laboratory) -> None:
    image = made.ids["image"][1]
    pairs = {"image": image, "mapAnnotation": '[["gene","BRCA1"],["gene","TP53"]]'}
    (map_id,) = ann.post("/webclient/annotate_map/", pairs).data["annId"]
    (found,) = find_annotations(ann, image, "map")
    assert found["values"] == [["gene", "BRCA1"], ["gene", "TP53"]]
    assert found["ns"] == MAP_NAMESPACE
    changed = {**pairs, "annId": map_id, "mapAnnotation": '[["gene","MYC"]]'}
    assert ann.post("/webclient/annotate_map/", changed).status == 200
    (found,) = find_annotations(ann, image, "map")
    assert found["values"] == [["gene", "MYC"]]
    empty = {**changed, "mapAnnotation": "[]"}
    assert ann.post("/webclient/annotate_map/", empty).status == 200
    assert find_annotations(ann, image, "map") == []

    comment = {"image": image, "comment": "what is this?"}
    assert ann.post("/webclient/annotate_comment/", comment).status == 200
    (found,) = find_annotations(ann, image, "comment")
    assert found["textValue"] == "what is this?"
    path = f"/webclient/action/remove/comment/{found['id']}/"
    assert ann.post(path, {"parent": f"image-{image}"}).data["bad"] == "false"
    assert find_annotations(ann, image, "comment") == []

    for stars in (3, 5):
        rating = {"image": image, "rating": stars}
        assert ann.post("/webclient/annotate_rating/", rating).data["success"]
        (found,) = find_annotations(ann, image, "rating")
        assert found["longValue"] == stars
    ann.post("/webclient/annotate_rating/", {"image": image, "rating": 0})
    assert find_annotations(ann, image, "rating") == []


def test_files_are_attached_and_read(ann: Visitor, made: Laboratory) -> None:
    image = made.ids["image"][1]
    content = bytes(range(256)) * 40
    answer = ann.post(
        "/webclient/annotate_file/",
        {"image": image},
        {"annotation_file": ("notes.bin", content)},
    )
    assert answer.status == 200
    (found,) = find_annotations(ann, image, "file")
    assert found["file"]["name"] == "notes.bin"
    assert ann.get(f"/webclient/annotation/{found['id']}/").content == content
    answer = ann.post(f"/webclient/action/delete/file/{found['id']}/", {})
    assert answer.data["bad"] == "false"
    wait_for_jobs(ann)
    assert find_annotations(ann, image, "file") == []


def test_scripts_are_run(ann: Visitor) -> None:
    (folder,) = ann.get("/webclient/list_scripts/").data
    assert folder["name"] == "util_scripts"
    (script,) = folder["ul"]
    form = ann.get(f"/webclient/script_ui/{script['id']}/").text
    assert "Adds two numbers." in form
    given = {"First": 3, "Second": 4, "Kind": "b", "IDs": "1,2"}
    job = ann.post(f"/webclient/script_run/{script['id']}/", given).data
    assert job["status"] == "in progress"
    (done,) = wait_for_jobs(ann)
    assert (done["status"], done["Message"]) == ("finished", "The sum is 7")
    out = ann.get(f"/webclient/get_original_file/{done['stdout']}/").text
    assert "'IDs': [1, 2]" in out


def test_rendering_settings_are_saved_copied_and_reset(
    ann: Visitor, made: Laboratory
) -> None:
    source, target = made.ids["image"][1:]
    settings = "c=1|100:9000$FF00FF&m=c&z=1&t=1&maps=[{}]"
    saved = ann.post(f"/webgateway/saveImgRDef/{source}/?{settings}", {})
    assert saved.data == "true"
    (channel,) = ann.get(f"/webgateway/imgData/{source}/").data["channels"]
    assert (channel["color"], channel["window"]["end"]) == ("FF00FF", 9000)
    ann.get(f"/webgateway/copyImgRDef/?fromid={source}")
    answer = ann.post("/webgateway/copyImgRDef/", {"toids": target})
    assert answer.data == {"true": [target], "false": []}
    (channel,) = ann.get(f"/webgateway/imgData/{target}/").data["channels"]
    assert (channel["color"], channel["window"]["end"]) == ("FF00FF", 9000)
    answer = ann.post("/webgateway/resetRDef/", {"toids": [source, target]})
    assert sorted(answer.data) == sorted([source, target])
    (channel,) = ann.get(f"/webgateway/imgData/{target}/").data["channels"]
    assert channel["window"]["end"] > 9000
    names = {"channel0": "DAPI"}
    path = f"/webclient/edit_channel_names/{source}/"
    assert ann.post(path, names).data["channelNames"] == names
    (channel,) = ann.get(f"/webgateway/imgData/{source}/").data["channels"]
    assert channel["label"] == "DAPI"


def test_data_moves_to_another_group_and_back(ann: Visitor, made: Laboratory) -> None:
    first, second = made.ids["group"]
    dataset = ann.post(
        "/webclient/action/addnewcontainer/", {"folder_type": "dataset", "name": "gone"}
    ).data["id"]
    dry = ann.post("/webclient/chgrpDryRun/", {"Dataset": dataset, "group_id": second})
    assert dry.status == 200
    for _ in range(3000):
        seen = ann.get(f"/webclient/activities_json/?jobId={dry.text}").data
        if seen.get("finished"):
            break
        time.sleep(0.1)
    assert seen["includedObjects"] == {"Datasets": [dataset]}
    form = {"Dataset": dataset, "group_id": second}
    assert ann.post("/webclient/chgrp/", form).status == 200
    jobs = wait_for_jobs(ann)
    assert {job["status"] for job in jobs} == {"finished"}
    where = ann.get(f"/api/v0/m/datasets/{dataset}/").data["data"]
    assert where["omero:details"]["group"]["@id"] == second
    ann.post("/webclient/active_group/", {"active_group": second})
    assert str(second) in ann.get("/webclient/").text
    ann.post("/webclient/active_group/", {"active_group": first})


def test_ones_own_account(site: Site, made: Laboratory) -> None:
    bob = site.log_in(COLLEAGUE)
    form = {
        **{"omename": COLLEAGUE, "first_name": "Robert", "middle_name": "J."},
        **{"last_name": "Lab", "email": "robert@example.org", "institution": "Here"},
        "default_group": made.first("group"),
    }
    assert bob.post("/webadmin/myaccount/save/", form).status == 200
    assert 'value="Robert"' in bob.get("/webadmin/myaccount/").text
    number = made.ids["experimenter"][1]
    wrong = {"old_password": "no", "password": "new", "confirmation": "new"}
    bob.post(f"/webadmin/change_password/{number}/", wrong)
    assert "/login/" in site.log_in(COLLEAGUE, "new").first.url
    right = wrong | {"old_password": PASSWORD}
    assert bob.post(f"/webadmin/change_password/{number}/", right).status == 200
    assert "/login/" not in site.log_in(COLLEAGUE, "new").first.url
    bob.post(
        f"/webadmin/change_password/{number}/",
        {"old_password": "new", "password": PASSWORD, "confirmation": PASSWORD},
    )

    answer = bob.post(
        "/webadmin/change_avatar/upload/", {}, {"photo": ("me.png", draw_portrait())}
    )
    assert answer.status == 200
    photo = Image.open(io.BytesIO(bob.get("/webadmin/myphoto/").content))
    assert photo.getpixel((20, 20)) == (200, 120, 40)
    bob.post("/webadmin/change_avatar/deletephoto/", {})


def test_people_and_groups_are_administered(site: Site, root: Visitor) -> None:
    for path in ("experimenters", "groups", "stats", "experimenter/new", "group/new"):
        assert root.get(f"/webadmin/{path}/").status == 200, path
    for what in ("groups", "users"):
        assert root.get(f"/webadmin/drivespace_json/{what}/").status == 200
    form = {
        "name": "third",
        "description": "d",
        "permissions": 1,
        "owners": [],
        "members": [],
    }
    answer = root.post("/webadmin/group/create/", form)
    assert answer.url.endswith("/groups/"), answer.text
    groups = root.get("/api/v0/m/experimentergroups/").data["data"]
    (group,) = [group["@id"] for group in groups if group["Name"] == "third"]

    person = {
        **{"omename": "eve", "first_name": "Eve", "last_name": "New"},
        **{"middle_name": "", "email": "eve@example.org", "institution": ""},
        **{"role": "user", "active": "on", "default_group": group},
        **{"other_groups": [group], "password": "word", "confirmation": "word"},
    }
    answer = root.post("/webadmin/experimenter/create/", person)
    assert answer.url.endswith("/experimenters/"), answer.text
    assert "/login/" not in site.log_in("eve", "word").first.url
    people = root.get("/api/v0/m/experimenters/").data["data"]
    (number,) = [one["@id"] for one in people if one["UserName"] == "eve"]
    assert 'value="Eve"' in root.get(f"/webadmin/experimenter/edit/{number}/").text

    both = [site.laboratory.first("group"), group]
    changed = person | {"last_name": "Older", "other_groups": both}
    answer = root.post(f"/webadmin/experimenter/save/{number}/", changed)
    assert answer.url.endswith("/experimenters/"), answer.text
    member = root.get(f"/api/v0/m/experimentergroups/{both[0]}/experimenters/").data
    assert number in [one["@id"] for one in member["data"]]
    new = {"old_password": site.sandbox.password, "password": "other"}
    new["confirmation"] = new["password"]
    assert root.post(f"/webadmin/change_password/{number}/", new).status == 200
    assert "/login/" not in site.log_in("eve", "other").first.url

    owner = {**form, "owners": [number], "members": [number], "permissions": 2}
    answer = root.post(f"/webadmin/group/save/{group}/", owner)
    assert answer.url.endswith("/groups/"), answer.text
    (saved,) = [
        one
        for one in root.get("/api/v0/m/experimentergroups/").data["data"]
        if one["@id"] == group
    ]
    assert saved["omero:details"]["permissions"]["perm"] == "rwra--"
    gone = changed | {"active": "", "role": "user"}
    del gone["active"]
    answer = root.post(f"/webadmin/experimenter/save/{number}/", gone)
    assert answer.url.endswith("/experimenters/"), answer.text
    assert "/login/" in site.log_in("eve", "other").first.url, "not active any more"


def test_json_interface(site: Site, made: Laboratory) -> None:
    ann = site.log_in()
    schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06#"
    group = made.first("group")
    project = {"@type": f"{schema}Project", "Name": "by a program"}
    answer = ann.send("POST", f"/api/v0/m/save/?group={group}", project)
    assert answer.status == 201, answer.text
    saved = answer.data["data"]
    number = saved["@id"]
    assert saved["omero:details"]["owner"]["UserName"] == USER
    saved["Name"] = "changed"
    answer = ann.send("PUT", f"/api/v0/m/save/?group={group}", saved)
    assert answer.status == 200, answer.text
    path = f"/api/v0/m/projects/{number}/"
    assert ann.get(path).data["data"]["Name"] == "changed"
    assert ann.send("DELETE", path).status == 200
    assert ann.get(path).status == 404
    assert (
        ann.send("POST", "/api/v0/m/save/", {"@type": f"{schema}Image"}).status == 405
    )


def test_plates_and_pictures(ann: Visitor, made: Laboratory) -> None:
    grid = ann.get(f"/webgateway/plate/{made.first('plate')}/0/").data
    cells = [cell["wellId"] for row in grid["grid"] for cell in row if cell]
    assert cells == made.ids["well"]
    image = made.first("image")
    (roi, mask) = ann.get(f"/webgateway/get_rois_json/{image}/").data
    assert roi["shapes"][0]["width"] == 40
    assert mask["shapes"][0]["type"] == "Mask"
    picture = ann.get(f"/webgateway/render_image/{image}/0/0/").content
    assert Image.open(io.BytesIO(picture)).size == (128, 96)
    tiff = ann.get(f"/webgateway/render_ome_tiff/i/{image}/").content
    assert tiff[:2] in (b"II", b"MM")


def test_iviewer_draws_changes_and_removes_regions(
    ann: Visitor, made: Laboratory
) -> None:
    schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06#"
    image = made.ids["image"][1]

    def keep(**rois: Any) -> dict[str, Any]:
        answer = ann.send(
            "POST", "/iviewer/persist_rois/", {"imageId": image, "rois": rois}
        ).data
        assert "errors" not in answer
        ids: dict[str, Any] = answer["ids"]
        return ids

    ellipse = {"@type": f"{schema}Ellipse", "X": 9.5, "Y": 8, "RadiusX": 3}
    ellipse |= {"RadiusY": 2, "TheZ": 0, "TheT": 0, "Text": "spot", "oldId": "-1:-1"}
    ((_, new),) = keep(new=[ellipse]).items()
    roi, shape = map(int, new.split(":"))
    (found,) = ann.get(f"/api/v0/m/images/{image}/rois/").data["data"]
    (drawn,) = found["shapes"]
    assert (found["@id"], drawn["@id"], drawn["X"]) == (roi, shape, 9.5)

    keep(modified=[{**drawn, "X": 20.5, "oldId": new}])
    (found,) = ann.get(f"/api/v0/m/images/{image}/rois/").data["data"]
    assert found["shapes"][0]["X"] == 20.5
    assert found["shapes"][0]["Text"] == "spot"

    keep(empty_rois={str(roi): [new]})
    assert ann.get(f"/api/v0/m/images/{image}/rois/").data["data"] == []


def test_iviewer_saves_a_projection(ann: Visitor, made: Laboratory) -> None:
    image, dataset = made.first("image"), made.first("dataset")
    path = f"/iviewer/save_projection/?image={image}&dataset={dataset}"
    answer = ann.get(f"{path}&projection=intmax&start=0&end=3").data
    assert "error" not in answer
    data = ann.get(f"/webgateway/imgData/{answer['id']}/").data
    assert (data["size"]["z"], data["size"]["c"]) == (1, 2)


def test_wrong_password_and_unknown_objects(site: Site, ann: Visitor) -> None:
    denied = site.log_in(USER, "wrong").first
    assert "please check your user name and password" in denied.text
    assert ann.get("/webclient/api/images/?id=99999").data == {"images": []}
    assert ann.get("/webgateway/render_image/99999/0/0/").status == 404
    assert ann.get("/api/v0/m/images/99999/").status == 404


@pytest.mark.parametrize(
    ("kind", "arrangement"), [("image", "stack"), ("plate", "mosaic")]
)
def test_links_to_stacks_and_mosaics_select_what_is_in_them(
    ann: Visitor, made: Laboratory, kind: str, arrangement: Any
) -> None:
    view = View(t=1, x=3.5, y=8.0, c="1|0:9$FF0000", arrangement=arrangement, run="all")
    refs = [OmeroRef("h", kind, number, view=view) for number in made.ids[kind][:2]]
    link = write_weblink(refs[0], "h", *refs[1:])
    page = ann.get(link.removeprefix("https://h"))
    assert page.status == 200
    found = re.findall(r"initially_select = \[(.*?)\];", page.text)
    wanted = [f'"{kind}-{number}"' for number in made.ids[kind][:2]]
    assert ", ".join(wanted) in found
