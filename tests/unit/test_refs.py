"""Every form of a reference that a user may paste."""

from __future__ import annotations

import string
import warnings
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napari_omero_io.errors import BadReference
from napari_omero_io.refs import (
    KINDS,
    ChannelView,
    OmeroRef,
    Projection,
    SecretIgnored,
    ServerAddress,
    View,
    gather,
    write_channels,
    write_link,
    write_weblink,
)

H = "https://omero.example.org"


def found(text: str) -> list[str]:
    """Name the objects of a link, without server and view."""
    return [
        f"{ref.kind}-{ref.id}" if ref.id else f"{ref.kind}:{ref.name}"
        for ref in OmeroRef.parse_all(text)
    ]


WEB_CLIENT = {
    f"{H}/webclient/?show=image-314": ["image-314"],
    f"{H}/webclient/?show=project-1": ["project-1"],
    f"{H}/webclient/?show=screen-3": ["screen-3"],
    f"{H}/webclient/?show=plate-5": ["plate-5"],
    f"{H}/webclient/?show=run-6": ["run-6"],
    f"{H}/webclient/?show=acquisition-6": ["run-6"],
    f"{H}/webclient/?show=well-6": ["well-6"],
    f"{H}/webclient/?show=tagset-9": ["tagset-9"],
    f"{H}/webclient/?show=roi-456": ["roi-456"],
    f"{H}/webclient/?show=fileset-8": ["fileset-8"],
    f"{H}/webclient/?show=image-1|image-2": ["image-1", "image-2"],
    f"{H}/webclient/?show=image-1%7Cimage-2": ["image-1", "image-2"],
    f"{H}/webclient/?show=plate-1|dataset-2": ["plate-1", "dataset-2"],
    f"{H}/webclient/userdata/?show=dataset-4": ["dataset-4"],
    f"{H}/webclient/usertags/?show=tag-9": ["tag-9"],
    f"{H}/webclient/public/?show=image-1": ["image-1"],
    f"{H}/webclient/?show=project.name-My%20project": ["project:My project"],
    f"{H}/webclient/?show=plate.name-P001": ["plate:P001"],
    f"{H}/webclient/?show=image=314": ["image-314"],
    f"{H}/webclient/?path=project=1|dataset=2|image=3": ["image-3"],
    f"{H}/webclient/?path=plate.name-P001|well.name-A1": ["well:A1"],
    f"{H}/webclient/?show=dataset-4&experimenter=7": ["dataset-4"],
    f"{H}/webclient/?experimenter=-1&show=dataset-4": ["dataset-4"],
    f"{H}/webclient/img_detail/314/": ["image-314"],
    f"{H}/webclient/img_detail/314": ["image-314"],
    f"{H}/omero/webclient/img_detail/314/?dataset=2": ["image-314"],
    f"{H}/webclient/12/img_detail/314/": ["image-314"],
    f"{H}/webclient/metadata_details/image/314/": ["image-314"],
    f"{H}/webclient/metadata_preview/well/5/": ["well-5"],
    f"{H}/webclient/metadata_acquisition/acquisition/5/": ["run-5"],
    f"{H}/webclient/metadata_hierarchy/dataset/5/": ["dataset-5"],
    f"{H}/webclient/render_image/314/0/0/": ["image-314"],
    f"{H}/webclient/render_image_region/314/0/0/": ["image-314"],
    f"{H}/webclient/render_thumbnail/size/96/314/": ["image-314"],
    f"{H}/webclient/render_birds_eye_view/314/": ["image-314"],
    f"{H}/webclient/imgData/314/": ["image-314"],
    f"{H}/webclient/load_plate/plate/5/": ["plate-5"],
    f"{H}/webclient/load_plate/acquisition/6/": ["run-6"],
    f"{H}/webclient/omero_table/77/": ["table-77"],
    f"{H}/webclient/omero_table/77/json/": ["table-77"],
    f"{H}/webclient/annotation/8/": ["annotation-8"],
    f"{H}/webclient/get_original_file/9/": ["file-9"],
    f"{H}/webclient/script_ui/12/?Image=1,2&Dataset=3&Index=0": [
        *("script-12", "image-1", "image-2", "dataset-3")
    ],
    f"{H}/webclient/api/paths_to_object/?image=314": ["image-314"],
    f"{H}/webclient/api/paths_to_object/?acquisition=6": ["run-6"],
    f"{H}/webclient/api/paths_to_object/?shape=7": ["shape-7"],
    f"{H}/webclient/api/annotations/?image=314": ["image-314"],
    f"{H}/webclient/api/images/?dataset=4": ["dataset-4"],
    f"{H}/webclient/?experimenter=7": ["experimenter-7"],
    f"{H}/redirect?path=server=1|project=1|dataset=2|image=3:selected": ["image-3"],
    f"{H}/someapp/?image=1&image=2": ["image-1", "image-2"],
    f"{H}/someapp/?dataset=3": ["dataset-3"],
    f"{H}/someapp/?plate=5": ["plate-5"],
    f"{H}/someapp/?well=6": ["well-6"],
}

WEBGATEWAY = {
    "img_detail/314/": ["image-314"],
    "imgData/314/": ["image-314"],
    "imgData/314/size/": ["image-314"],
    "render_image/314/2/1/": ["image-314"],
    "render_image_region/314/2/1/?tile=0,0,0": ["image-314"],
    "render_image_rdef/314/?rdef=5": ["image-314"],
    "render_split_channel/314/2/1/": ["image-314"],
    "render_thumbnail/314/": ["image-314"],
    "render_thumbnail/314/96/96/": ["image-314"],
    "get_thumbnail/314/": ["image-314"],
    "get_thumbnails/?id=1&id=2": ["image-1", "image-2"],
    "render_birds_eye_view/314/": ["image-314"],
    "render_movie/314/z/0/": ["image-314"],
    "get_rois_json/314/": ["image-314"],
    "get_shape_json/456/789/": ["shape-789"],
    "render_roi_thumbnail/456/": ["roi-456"],
    "render_shape_thumbnail/789/": ["shape-789"],
    "render_shape_mask/789/": ["shape-789"],
    "histogram_json/314/channel/0/": ["image-314"],
    "dataset/4/children/": ["dataset-4"],
    "proj/1/children/": ["project-1"],
    "well/6/children/": ["well-6"],
    "wellData/6/": ["well-6"],
    "plate/5/0/6/": ["plate-5"],
    "annotations/Plate/5/": ["plate-5"],
    "table/77/query/": ["table-77"],
    "table/Screen/3/query/": ["screen-3"],
    "archived_files/download/314/": ["image-314"],
    "original_file_paths/314/": ["image-314"],
    "download_as/314/": ["image-314"],
    "render_ome_tiff/i/314/": ["image-314"],
    "render_ome_tiff/d/4/": ["dataset-4"],
    "render_ome_tiff/p/1/": ["project-1"],
    "saveImgRDef/314/?m=c&c=1|0:255$FF0000": ["image-314"],
}

OTHER_WEB = {
    f"{H}/iviewer/?images=1,2,3": ["image-1", "image-2", "image-3"],
    f"{H}/webclient/img_detail/1/?images=1,2": ["image-1", "image-2"],
    f"{H}/webclient/img_detail/5/?images=1,2": ["image-5", "image-1", "image-2"],
    f"{H}/iviewer/?dataset=4": ["dataset-4"],
    f"{H}/iviewer/?images=1&dataset=4": ["image-1"],
    f"{H}/iviewer/?DATASET=4": ["dataset-4"],
    f"{H}/iviewer/?well=5": ["well-5"],
    f"{H}/iviewer/?roi=456": ["roi-456"],
    f"{H}/iviewer/?shape=789": ["shape-789"],
    f"{H}/iviewer/?images=1,2&shape=789": ["shape-789"],
    f"{H}/webclient/img_detail/123/?roi=456": ["roi-456"],
    f"{H}/iviewer/image_data/314/": ["image-314"],
    f"{H}/iviewer/roi/456/image_data/": ["roi-456"],
    f"{H}/iviewer/shape/789/image_data/": ["shape-789"],
    f"{H}/api/v0/m/projects/1/": ["project-1"],
    f"{H}/api/v0/m/images/314/": ["image-314"],
    f"{H}/api/v0/m/experimenters/7/": ["experimenter-7"],
    f"{H}/api/v0/m/experimentergroups/7/": ["group-7"],
    f"{H}/api/v0/m/shapes/7/": ["shape-7"],
    f"{H}/api/v0/m/wells/7/": ["well-7"],
    f"{H}/api/v0/m/projects/1/datasets/": ["project-1"],
    f"{H}/api/v0/m/datasets/4/images/": ["dataset-4"],
    f"{H}/api/v0/m/images/314/rois/": ["image-314"],
    f"{H}/api/v0/m/screens/3/plates/": ["screen-3"],
    f"{H}/api/v0/m/plates/5/wells/": ["plate-5"],
    f"{H}/api/v0/m/plateacquisitions/6/wellsampleindex/0/wells/": ["run-6"],
    f"{H}/api/v0/m/rois/?image=314": ["image-314"],
    f"{H}/figure/new/?image=1&image=2": ["image-1", "image-2"],
    f"{H}/figure/file/21/": ["figure-21"],
    f"{H}/zarr/v0.4/image/314.zarr/": ["image-314"],
    f"{H}/zarr/v0.4/image/314.zarr/.zattrs": ["image-314"],
    f"{H}/tile/314/2/1/3?x=10&y=20&w=100&h=200": ["image-314"],
    f"{H}/parade/?open={H}/iviewer/?images=9": ["image-9"],
    "https://idr.openmicroscopy.org/webclient/?show=run-5403": ["run-5403"],
    "https://idr.openmicroscopy.org/webclient/?show=project-1501": ["project-1501"],
    "https://idr.openmicroscopy.org/webclient/img_detail/9846423/?dataset=10801": [
        "image-9846423"
    ],
}

STRINGS = {
    "Image:314": ["image-314"],
    "Dataset:4": ["dataset-4"],
    "Project:1": ["project-1"],
    "Plate:5": ["plate-5"],
    "Screen:3": ["screen-3"],
    "Well:6": ["well-6"],
    "Roi:456": ["roi-456"],
    "PlateAcquisition:7": ["run-7"],
    "Fileset:8": ["fileset-8"],
    "OriginalFile:9": ["file-9"],
    "ImageI:314": ["image-314"],
    "TagAnnotation:7": ["tag-7"],
    "FileAnnotation:7": ["annotation-7"],
    "Image:1,2,5-9": [f"image-{n}" for n in (1, 2, 5, 6, 7, 8, 9)],
    # The numbers belong to the first type of a chain: all images of project 51.
    "Project/Dataset/Image:51": ["project-51"],
    "omero://Image:314": ["image-314"],
    "omero://host:4064/image/314": ["image-314"],
    "omero:server=h&port=4064&user=u&imageID=314": ["image-314"],
    "omero:server=h&port=4064&user=u&imageID=314.omero": ["image-314"],
    "omero:name=a&server=h&user=u&pixelsID=12": ["pixels-12"],
    "omero:server=h&user=u&datasetID=4": ["dataset-4"],
    "omero:server=h\nuser=u\nport=4064\ngroupID=3\niid=314": ["image-314"],
    r"omero:server=h\nuser=u\nport=4064\ngroupID=3\niid=314": ["image-314"],
    "omero:iid=314": ["image-314"],
    "urn:lsid:export.openmicroscopy.org:Image:314": ["image-314"],
    "urn:lsid:export.openmicroscopy.org:Pixels:12": ["pixels-12"],
    "314": ["image-314"],
    "314, 315": ["image-314", "image-315"],
    "image-314": ["image-314"],
    "image/314": ["image-314"],
    "omero://host/image/1,2,3": ["image-1", "image-2", "image-3"],
    "omero://host:4064/Image:314": ["image-314"],
    "omero://host/image/314?z=3#top": ["image-314"],
    f"omero://host/image/{2**63 - 1}": [f"image-{2**63 - 1}"],
    "https%3A%2F%2Fhost%2Fwebclient%2F%3Fshow%3Dimage-314": ["image-314"],
    "figure/6": ["figure-6"],
    "figure/file/6/": ["figure-6"],
    "omero://host/run/6": ["run-6"],
    "omero://host/table/6": ["table-6"],
    "omero://host/dataset/name=My%20data": ["dataset:My data"],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *WEB_CLIENT.items(),
        *((f"{H}/webgateway/{path}", want) for path, want in WEBGATEWAY.items()),
        *OTHER_WEB.items(),
        *STRINGS.items(),
    ],
)
def test_reads_every_form(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", [*WEB_CLIENT, *OTHER_WEB])
def test_a_web_address_may_lack_its_scheme(text: str) -> None:
    bare = text.replace("https://", "", 1)
    assert OmeroRef.parse_all(bare) == OmeroRef.parse_all(text)


@pytest.mark.parametrize(
    ("text", "server", "user"),
    [
        ("Image:314", "default:4064", None),
        ("314", "default:4064", None),
        ("omero:///image/314", "default:4064", None),
        ("omero:/image/314", "default:4064", None),
        ("omero://host/image/314", "host", None),
        ("omero:/host/image/314", "host", None),  # what a file path makes of it
        ("host:4064/image/314", "host:4064", None),
        ("omero://jo@host:4064/image/314", "host:4064", "jo"),
        ("omero://[::1]:4064/image/314", "[::1]:4064", None),
        ("omero+wss://host/omero-ws/image/314", "wss://host/omero-ws", None),
        ("omero+tcp://host:4063/image/314", "tcp://host:4063", None),
        (
            "omero:server=h&port=4063&user=jo&encrypted=false&iid=3",
            "tcp://h:4063",
            "jo",
        ),
        (
            "https://Web.Example.org:4080/webclient/?show=image-1",
            "web.example.org",
            None,
        ),
        ("?show=image-314", "default:4064", None),
    ],
)
def test_says_which_server_and_whose_account(
    text: str, server: str, user: str | None
) -> None:
    ref = OmeroRef.parse(text, default_server="default:4064")
    assert (ref.server, ref.user) == (server, user)


@pytest.mark.parametrize(
    ("text", "view"),
    [
        (
            "omero://h/image/3?z=4&t=2&c=1,-2&x=10&y=20.5&zm=150",
            (4, 2, "1,-2", 10, 20.5, 150),
        ),
        # iviewer counts planes from 1, paths of webgateway from 0
        (
            f"{H}/iviewer/?images=1&z=10&t=20&x=500&y=400&zm=100",
            (9, 19, None, 500, 400, 100),
        ),
        (f"{H}/webgateway/render_image/314/2/1/", (2, 1, None, None, None, None)),
        (
            f"{H}/webgateway/render_image/314/2/1/?c=1|0:255",
            (2, 1, "1|0:255", None, None, None),
        ),
        (f"{H}/tile/314/2/1/3?x=10&y=20&w=100&h=200", (2, 3, "2", 60, 120, None)),
        ("omero://h/image/3", None),
    ],
)
def test_reads_how_a_link_shows_its_object(
    text: str, view: tuple[float | str | None, ...] | None
) -> None:
    ref = OmeroRef.parse(text)
    assert ref.view == (None if view is None else View(*view))


def test_reads_the_channels_of_a_link() -> None:
    text = f"{H}/iviewer/?images=1&c=1|100:600$00FF00,-2|0:1500r$FF0000,3$cool.lut&m=c"
    view = OmeroRef.parse(text).view
    assert view is not None
    assert view.channels == (
        ChannelView(0, True, (100, 600), "00FF00"),
        ChannelView(1, False, (0, 1500), "FF0000", inverted=True),
        ChannelView(2, True, None, "cool.lut"),
    )


@pytest.mark.parametrize(
    "maps",
    [
        # as iviewer writes it, and as OMERO.web before 5.4 did
        '[{"inverted":{"enabled":true}},{"inverted":{"enabled":false}}]',
        '[{"reverse":{"enabled":"true"}},{"reverse":{"enabled":"false"}}]',
    ],
)
def test_reads_what_an_iviewer_link_says_beside_channels(maps: str) -> None:
    text = f"{H}/iviewer/?images=1&c=1|0:9$00FF00,-2|0:9$FF0000&m=g&maps={maps}"
    view = OmeroRef.parse(f"{text}&p=INTMAX|2:5").view
    assert view is not None
    assert [channel.inverted for channel in view.channels] == [True, False]
    assert view.model == "g"
    assert view.projection == Projection("intmax", 2, 5)


@pytest.mark.parametrize(
    "text", ["webclient/img_detail/314/", "/webclient/?show=image-314", "Image:314"]
)
def test_without_a_host_no_server_is_made_up(text: str) -> None:
    assert OmeroRef.parse(text) == OmeroRef(None, "image", 314)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("p=intmin", "p=intmin"),
        ("c=1&maps={", "maps="),
        ("c=1|5", r"“1\|5”"),
        ("z=deep", "z=deep"),
    ],
)
def test_a_view_that_is_not_understood_is_named(query: str, named: str) -> None:
    with pytest.raises(BadReference, match=named):
        OmeroRef.parse(f"{H}/iviewer/?images=1&{query}")


def test_a_well_by_name_remembers_its_plate() -> None:
    well = OmeroRef.parse(f"{H}/webclient/?path=plate.name-P001|well.name-A1")
    assert well.within is not None
    assert (well.within.kind, well.within.name) == ("plate", "P001")
    assert str(well) == "omero://omero.example.org/plate/name=P001/well/name=A1"


@pytest.mark.parametrize(
    "text",
    ["  Image:314\n", "<Image:314>", '"Image:314"', "“Image:314”", "'Image:314'"],
)
def test_strips_what_surrounds_a_pasted_text(text: str) -> None:
    assert found(text) == ["image-314"]


@pytest.mark.parametrize(
    "text",
    [
        "Image:1\n\n# seen last week\nomero://h/dataset/4\n",
        "name,link\nfirst,Image:1\nsecond,omero://h/dataset/4",
        "image id\tname\n1\tfirst\nomero://h/dataset/4\tsecond",
    ],
)
def test_reads_lists(text: str) -> None:
    assert found(text) == ["image-1", "dataset-4"]


@pytest.mark.parametrize(
    "text",
    [
        "omero://jo:hunter2@host/image/3",
        "omero:server=h&user=jo&password=hunter2&imageID=3",
        "omero:server=h&sessionID=hunter2&imageID=3",
        "omero:server=h\nuser=jo\npass=hunter2\niid=3",
        f"{H}/webgateway/img_detail/3/?server=1&bsession=hunter2",
        "https://jo:hunter2@omero.example.org/webclient/?show=image-3",
    ],
)
def test_secrets_are_dropped_with_a_warning(text: str) -> None:
    with pytest.warns(SecretIgnored) as caught:
        ref = OmeroRef.parse(text)
    assert (ref.kind, ref.id) == ("image", 3)
    assert "hunter2" not in f"{ref!r} {ref} {caught[0].message}"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Nothing was given"),
        ("   ", "Nothing was given"),
        ("my image", "my image"),
        ("Image:abc", "Image:abc"),
        ("Image:0", "inside a file"),
        ("Image:9-5", "9-5"),
        ("Image:1-999999999", "1-999999999"),
        ("s3://bucket/image", "s3://"),
        ("omero://host/image", "host/image"),
        ("omero://host/cat/3", "“cat” is not a kind"),
        ("omero://host:/image/3", "“host:”"),
        (f"omero://host/image/{2**63}", f"Image:{2**63}"),
        ("omero://h/image/3?zm=0", "zm=0"),
        (f"{H}/iviewer/?images=3&zm=-20", "zm=-20"),
        ("omero+ftp://host/image/3", "omero+ftp:"),
        ("omero://host/path/image/3", "/path"),
        ("omero://host:99999/image/3", "99999"),
        ("omero://h/image/3?z=top", "z=top"),
        ("omero://h/image/3?x=inf", "x=inf"),
        ("omero://h/image/3?c=red", "red"),
        ("omero:server=h&user=u", "imageID="),
        ("urn:lsid:x:Cat:3", "urn:lsid:x:Cat:3"),
        (f"{H}/webclient/", "omero.example.org/webclient/"),
        (f"{H}/webclient/?show=", "show="),
        (f"{H}/webclient/?show=cat-3", "cat-3"),
        (f"{H}/webclient/?show=image-x", "“x” in “image-x”"),
        (f"{H}/webclient/?show=image.color-red", "color"),
        (f"{H}/webclient/?show=well.name-A1", "plate"),
        (f"{H}/webclient/metadata_details/cat/3/", "cat"),
        (f"{H}/iviewer/?images=1,two", "two"),
    ],
)
def test_names_the_part_that_is_not_understood(text: str, part: str) -> None:
    with pytest.raises(BadReference) as raised:
        OmeroRef.parse_all(text)
    assert part in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        *("jo:hunter2@host", "password=hunter2", "omero://jo:hunter2@host/cat/1"),
        *("omero://jo:hunter2@ho st/image/1", "wss://jo:hunter2@host:x"),
    ],
)
def test_errors_do_not_repeat_secrets(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecretIgnored)
        with pytest.raises(BadReference) as raised:
            OmeroRef.parse(text)
    assert "hunter2" not in str(raised.value)


def test_parse_wants_exactly_one() -> None:
    with pytest.raises(BadReference, match="2 objects"):
        OmeroRef.parse("Image:1,2")


def test_bad_reference_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="number or a name"):
        OmeroRef(None, "image")


def test_canonical_form() -> None:
    ref = OmeroRef.parse("Image:314", default_server="localhost:4064")
    assert str(ref) == "omero://localhost:4064/image/314"


ids = st.integers(1, 2**40)
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
hosts = st.builds(
    lambda prefix, label, port: prefix + label + port,
    st.sampled_from(["", "tcp://", "wss://"]),
    st.text(string.ascii_lowercase + string.digits, min_size=1).map("x-{}.org".format),
    st.sampled_from(["", ":4064", ":1"]),
)
servers = st.none() | hosts | st.just("wss://a.org/omero-ws") | st.just("[::1]:4064")
users = st.none() | names
coordinates = st.none() | st.floats(-1e6, 1e6)
zooms = st.none() | st.floats(1e-6, 1e6)
planes = st.none() | st.integers(0, 10**6)
numbers = st.integers(-(10**6), 10**6).map(float) | st.floats(-1e6, 1e6)
channels = st.builds(
    ChannelView,
    st.integers(0, 100),
    st.booleans(),
    st.none() | st.tuples(numbers, numbers),
    st.sampled_from([None, "FF0000", "cool.lut"]),
    st.none() | st.booleans(),
    st.sampled_from([None, "linear", "polynomial", "exponential", "logarithmic"]),
).map(lambda view: replace(view, coefficient=1.5) if view.family else view)
settings = st.lists(channels, min_size=1, max_size=4).map(write_channels)
projections = st.sampled_from([None, "intmax", "intmean|0:10", "normal"])


@st.composite
def full_views(draw: st.DrawFn) -> View:
    c, maps = draw(st.just((None, None)) | settings)
    z, t = draw(planes), draw(planes)
    x, y, zoom = draw(coordinates), draw(coordinates), draw(zooms)
    model = draw(st.sampled_from([None, "c", "g"]))
    return View(z, t, c, x, y, zoom, model, draw(projections), maps)


views = st.none() | full_views()
kinds = st.sampled_from(sorted(KINDS))


@st.composite
def references(draw: st.DrawFn) -> OmeroRef:
    server, user, view = draw(servers), draw(users), draw(views)
    kind = draw(kinds)
    if draw(st.booleans()):
        return OmeroRef(server, kind, draw(ids), view=view, user=user)
    plate = OmeroRef(server, "plate", draw(ids), user=user)
    within = plate if kind == "well" else None
    return OmeroRef(server, kind, name=draw(names), view=view, user=user, within=within)


@given(references())
def test_the_canonical_link_is_read_back(ref: OmeroRef) -> None:
    assert OmeroRef.parse(str(ref)) == ref


@given(full_views(), ids)
def test_the_address_in_the_web_client_is_read_back(view: View, number: int) -> None:
    ref = OmeroRef("omero.example.org", "image", number, view=view)
    assert OmeroRef.parse(write_weblink(ref, "omero.example.org/sub")) == ref


@pytest.mark.parametrize(
    ("projection", "page"),
    [
        (None, "/webclient/img_detail/3/?z=2"),
        ("intmax", "/webclient/img_detail/3/?z=2&p=intmax"),
        ("intmax|1:7", "/iviewer/?images=3&z=2&p=intmax|1:7"),
    ],
)
def test_only_iviewer_is_asked_for_some_sections(
    projection: str | None, page: str
) -> None:
    ref = OmeroRef("h", "image", 3, view=View(z=1, p=projection))
    assert write_weblink(ref, "h") == f"https://h{page}"
    assert OmeroRef.parse(f"https://h{page}") == ref


joint_views = st.builds(
    lambda view, arrangement, run, field: replace(
        view, arrangement=arrangement, run=run, field=field
    ),
    full_views(),
    st.sampled_from(["stack", "mosaic"]),
    st.none() | st.just("all") | ids,
    st.none() | st.integers(0, 500),
)


@given(
    st.lists(st.integers(1, 60) | ids, min_size=1, unique=True),
    st.sampled_from(["image", "well", "dataset", "plate", "run"]),
    servers,
    joint_views,
)
def test_what_is_shown_as_one_is_one_link(
    numbers: list[int], kind: str, server: str | None, view: View
) -> None:
    refs = tuple(OmeroRef(server, kind, number, view=view) for number in numbers)
    assert gather(OmeroRef.parse_all(write_link(refs))) == [refs]
    here = tuple(replace(ref, server="omero.example.org") for ref in refs)
    web = write_weblink(here[0], "omero.example.org", *here[1:])
    assert gather(OmeroRef.parse_all(web)) == [here]
    assert web.startswith(
        f"https://omero.example.org/webclient/?show={kind}-{numbers[0]}"
    )


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("https://h/webclient/?show=image-1|image-2", [1, 1]),
        ("https://h/webclient/?show=image-1|image-2&open=stack&t=2", [2]),
        ("https://h/webclient/?show=well-1%7Cwell-2&open=mosaic&run=all&field=1", [2]),
        ("omero://h/image/3-5,9?open=stack", [4]),
        ("omero://h/plate/5?open=mosaic&run=7&field=0", [1]),
        ("omero://h/image/1,2?open=upside-down", [1, 1]),
        ("omero://h/image/1,2?open=stack\nomero://h/image/3,4?open=stack&t=1", [2, 2]),
    ],
)
def test_links_say_what_is_shown_as_one(text: str, groups: list[int]) -> None:
    found = gather(OmeroRef.parse_all(text))
    assert [len(group) for group in found] == groups


@pytest.mark.parametrize(
    ("query", "part"), [("run=first", "run=first"), ("field=left", "field=left")]
)
def test_a_choice_of_wells_that_is_none_is_told(query: str, part: str) -> None:
    with pytest.raises(BadReference, match=part):
        OmeroRef.parse(f"omero://h/plate/5?open=mosaic&{query}")


@given(st.lists(channels, min_size=1, max_size=4))
def test_channels_of_a_link_are_read_back(shown: list[ChannelView]) -> None:
    c, maps = write_channels(shown)
    assert View(c=c, maps=maps).channels == tuple(shown)


@given(st.text(max_size=60))
@example("[?")
def test_any_text_is_read_or_refused(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecretIgnored)
        try:
            refs = OmeroRef.parse_all(text)
        except BadReference:
            return
    assert refs


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("host", ServerAddress("host", 4064)),
        ("Host:14064", ServerAddress("host", 14064)),
        ("tcp://h", ServerAddress("h", 4063, "tcp")),
        ("ssl://h:4064", ServerAddress("h", 4064)),
        ("ws://h", ServerAddress("h", 80, "ws")),
        ("wss://h/omero-ws", ServerAddress("h", 443, "wss", "/omero-ws")),
        ("https://h/omero/", ServerAddress("h", 4064)),
        ("[::1]:4064", ServerAddress("[::1]", 4064)),
    ],
)
def test_reads_addresses_of_servers(text: str, address: ServerAddress) -> None:
    assert ServerAddress.parse(text) == address
    assert ServerAddress.parse(str(address)) == address


@pytest.mark.parametrize(
    "text", ["", "a b", "ftp://h", "h:0", "h:70000", "h/path", "h:x"]
)
def test_refuses_what_is_no_address(text: str) -> None:
    with pytest.raises(BadReference):
        ServerAddress.parse(text)
