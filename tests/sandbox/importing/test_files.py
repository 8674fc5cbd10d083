"""Image files: what is read of them, what is stored, what is refused."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import PyramidMissing, ResourceFault
from napari_omero_io.sandbox.importing.command import import_files
from napari_omero_io.sandbox.importing.imported import RGB, UnreadableFile
from napari_omero_io.sandbox.importing.reading import read_images
from napari_omero_io.sandbox.importing.storing import import_file
from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore

RNG = np.random.default_rng(1)


def noise(*shape, dtype="uint16"):
    return RNG.integers(0, 200, shape).astype(dtype)


def read_one(path):
    (image,) = read_images(path)
    pixels = np.empty(image.shape, image.dtype)
    for place in np.ndindex(image.shape[:3]):
        pixels[place] = image.source.read(0, *place)
    image.source.close()
    return image, pixels


@pytest.fixture
def write(tmp_path):
    """Write a TIFF; return its path."""

    def make(name, pixels, **options):
        tifffile.imwrite(tmp_path / name, pixels, **options)
        return tmp_path / name

    return make


# What files say


def test_everything_that_ome_tiff_says(write):
    pixels = noise(2, 3, 4, 5, 6)
    path = write(
        "all.ome.tif",
        pixels,
        metadata={
            "axes": "TCZYX",
            "Name": "a name",
            "Description": "a description",
            "AcquisitionDate": "2020-01-02T03:04:05",
            "PhysicalSizeX": 100.0,
            "PhysicalSizeXUnit": "nm",
            "PhysicalSizeY": 0.2,
            "PhysicalSizeYUnit": "µm",
            "PhysicalSizeZ": 0.001,
            "PhysicalSizeZUnit": "mm",
            "TimeIncrement": 500.0,
            "TimeIncrementUnit": "ms",
            "SignificantBits": 12,
            "Channel": {
                "Name": ["one", "two", "three"],
                "Color": [-16776961, 16711935, 255],
                "EmissionWavelength": [461.0, 520.0, 600.0],
            },
            "Plane": {
                "DeltaT": [float(n) for n in range(24)],
                "ExposureTime": [10.0] * 24,
                "ExposureTimeUnit": ["ms"] * 24,
            },
        },
    )
    image, read = read_one(path)
    np.testing.assert_array_equal(read, pixels)
    assert image.shape == (2, 3, 4, 5, 6)
    assert (image.name, image.description) == ("a name", "a description")
    assert image.acquired == datetime(2020, 1, 2, 3, 4, 5)
    assert image.pixel_size == pytest.approx((0.1, 0.2, 1.0))
    assert image.time_increment == pytest.approx(0.5)
    assert image.significant_bits == 12
    assert [channel.name for channel in image.channels] == ["one", "two", "three"]
    assert [channel.color for channel in image.channels] == [
        (255, 0, 0, 255),
        (0, 255, 0, 255),
        (0, 0, 0, 255),
    ]
    assert [channel.emission for channel in image.channels] == pytest.approx(
        [461, 520, 600]
    )
    assert len(image.planes) == 24
    assert image.planes[0].exposure == pytest.approx(0.01)


@settings(max_examples=20)
@given(
    order=st.permutations("TCZ"),
    sizes=st.tuples(*[st.integers(1, 3)] * 3),
    byteorder=st.sampled_from("<>"),
    dtype=st.sampled_from(["uint8", "int16", "uint16", "uint32", "float32", "float64"]),
)
def test_ome_tiff_of_any_order(tmp_path_factory, order, sizes, byteorder, dtype):
    path = tmp_path_factory.mktemp("ome") / "any.ome.tif"
    pixels = noise(*sizes, 4, 5, dtype=dtype)
    metadata = {"axes": "".join(order) + "YX"}
    tifffile.imwrite(path, pixels, metadata=metadata, byteorder=byteorder, ome=True)
    image, read = read_one(path)
    places = [order.index(axis) for axis in "TCZ"]
    assert image.dtype == dtype
    np.testing.assert_array_equal(read, pixels.transpose(*places, 3, 4))


def test_everything_that_imagej_says(write):
    pixels = noise(2, 4, 3, 5, 6)
    path = write(
        "ij.tif",
        pixels,
        imagej=True,
        resolution=(5.0, 4.0),
        metadata={
            "axes": "TZCYX",
            "unit": "um",
            "spacing": 0.7,
            "finterval": 3.0,
            "mode": "composite",
            "LUTs": [_ramp(color) for color in ((1, 0, 0), (0, 1, 1), (1, 1, 1))],
        },
    )
    image, read = read_one(path)
    np.testing.assert_array_equal(read, pixels.transpose(0, 2, 1, 3, 4))
    assert image.pixel_size == pytest.approx((0.2, 0.25, 0.7))
    assert image.time_increment == pytest.approx(3.0)
    assert [channel.color for channel in image.channels] == [
        (255, 0, 0, 255),
        (0, 255, 255, 255),
        (255, 255, 255, 255),
    ]


def _ramp(color):
    ramp = np.arange(256)
    return np.stack([ramp * part for part in color]).astype("uint8")


@pytest.mark.parametrize(
    ("unit", "resolution", "size"),
    [
        ("CENTIMETER", 20000.0, 0.5),
        ("INCH", 50800.0, 0.5),
        ("INCH", 72.0, None),
        ("NONE", 20000.0, None),
    ],
)
def test_the_pixel_size_of_a_plain_tiff(write, unit, resolution, size):
    options = {"resolution": (resolution, resolution), "resolutionunit": unit}
    image, _ = read_one(write("plain.tif", noise(4, 5), metadata=None, **options))
    assert image.pixel_size[0] == (pytest.approx(size) if size else None)


def test_colours_are_three_channels(write, tmp_path):
    pixels = noise(20, 30, 3, dtype="uint8")
    expected = np.moveaxis(pixels, -1, 0)[None, :, None]
    contiguous = write("contig.tif", pixels, photometric="rgb")
    planar = write(
        "planar.tif", expected[0, :, 0], photometric="rgb", planarconfig="separate"
    )
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    for path in (contiguous, planar, tmp_path / "picture.png"):
        image, read = read_one(path)
        assert image.is_rgb
        assert tuple(channel.color for channel in image.channels) == RGB
        np.testing.assert_array_equal(read, expected)
    Image.fromarray(pixels).save(tmp_path / "picture.jpg", quality=95)
    image, read = read_one(tmp_path / "picture.jpg")
    assert image.shape == (1, 3, 1, 20, 30)
    assert image.is_rgb


def test_transparency_is_left_out(write, tmp_path):
    pixels = noise(20, 30, 4, dtype="uint8")
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    tiff = write("alpha.tif", pixels, photometric="rgb", extrasamples=["unassalpha"])
    for path in (tiff, tmp_path / "picture.png"):
        _, read = read_one(path)
        np.testing.assert_array_equal(read[0, :, 0], np.moveaxis(pixels, -1, 0)[:3])


def test_grey_pictures(tmp_path):
    for dtype in ("uint8", "uint16"):
        pixels = noise(20, 30, dtype=dtype)
        Image.fromarray(pixels).save(tmp_path / "grey.png")
        image, read = read_one(tmp_path / "grey.png")
        assert image.dtype == dtype
        np.testing.assert_array_equal(read[0, 0, 0], pixels)
    Image.fromarray(pixels > 100).save(tmp_path / "bit.png")
    _, read = read_one(tmp_path / "bit.png")
    np.testing.assert_array_equal(read[0, 0, 0], np.where(pixels > 100, 255, 0))


def test_the_date_of_a_picture(tmp_path):
    exif = Image.Exif()
    exif[306] = "2021:02:03 04:05:06"
    Image.new("L", (4, 5)).save(tmp_path / "dated.jpg", exif=exif)
    image, _ = read_one(tmp_path / "dated.jpg")
    assert image.acquired == datetime(2021, 2, 3, 4, 5, 6)


def test_the_content_counts_not_the_name(write, tmp_path):
    path = write("really.tif", noise(4, 5))
    path.rename(tmp_path / "picture.jpg")
    image, _ = read_one(tmp_path / "picture.jpg")
    assert image.dtype == "uint16"


# What is refused


def test_files_that_hold_no_image(tmp_path):
    for content, text in (
        (b"", "is empty"),
        (b"plain text", "no image of a known form"),
        (b"II*\0" + b"\xff" * 60, "no image|damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "damaged"),
        (b"\xff\xd8\xff" + bytes(60), "damaged"),
    ):
        path = tmp_path / "the file.tif"
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match=rf"^the file\.tif.*({text})"):
            read_images(path)
    with pytest.raises(UnreadableFile, match=r"^none\.tif cannot be read"):
        read_images(tmp_path / "none.tif")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_images(tmp_path)


@pytest.mark.parametrize("dtype", ["int64", "float16", "complex64"])
def test_types_that_omero_has_not(write, dtype):
    with pytest.raises(UnreadableFile, match=rf"odd\.tif has pixels of type {dtype}"):
        read_images(write("odd.tif", noise(4, 5, dtype=dtype)))


def test_ome_xml_with_entities_is_refused(write):
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">&b;</OME>'
    )
    path = write("bomb.ome.tif", noise(4, 5), description=bomb, metadata=None)
    with pytest.raises(UnreadableFile, match="damaged"):
        read_images(path)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("form", ["ome.tif", "zlib.tif", "png", "jpg"])
def test_files_that_end_early(stocked, tmp_path, form, part):
    path = tmp_path / f"cut.{form}"
    if form == "ome.tif":
        tifffile.imwrite(path, noise(6, 40, 50), metadata={"axes": "ZYX"})
    elif form == "zlib.tif":
        tifffile.imwrite(path, noise(6, 40, 50), compression="zlib", metadata=None)
    else:
        Image.fromarray(noise(90, 90, 3, dtype="uint8")).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(UnreadableFile, match=r"cut\."):
        import_file(stocked.call("mia"), path)
    _assert_nothing_is_left(stocked)


def _assert_nothing_is_left(stocked):
    core = stocked.core
    assert list(core.pixels.folder.iterdir()) == []
    assert list(core.files.folder.iterdir()) == []
    with core.database.read() as connection:
        for name in ("Image", "Pixels", "Fileset"):
            table = core.database.tables[name]
            assert connection.execute(table.select()).all() == []


# What is stored


def load_image(call, image_id):
    text = (
        "select i from Image i join fetch i.pixels p join fetch p.pixelsType"
        " join fetch p.channels c join fetch c.logicalChannel"
        " join fetch c.statsInfo left outer join fetch p.planeInfo"
        " left outer join fetch i.fileset f left outer join fetch f.usedFiles u"
        " left outer join fetch u.originalFile o left outer join fetch o.hasher"
        " where i.id = :id"
    )
    with call.core.database.read() as connection:
        (found,) = hql.find(connection, call, text, {"id": image_id})
    return found


def test_an_imported_file_is_an_image_with_its_file(stocked, write):
    call = stocked.call("mia")
    pixels = noise(3, 5, 6)
    pixels[1] += 300
    path = write(
        "field.ome.tif",
        pixels,
        metadata={
            "axes": "CYX",
            "PhysicalSizeX": 0.5,
            "AcquisitionDate": "2020-01-02T03:04:05",
            "Plane": {"DeltaT": [1.0, 2.0, 3.0]},
        },
    )
    (stored,) = import_file(call, path, name="renamed")
    image = load_image(call, stored.image_id)
    made = image.getPrimaryPixels()
    assert image.name.val == stored.name == "renamed"
    expected = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp() * 1000
    assert image.acquisitionDate.val == expected
    assert made.physicalSizeX.getValue() == 0.5
    assert made.physicalSizeY is None
    assert made.sha1.val == hashlib.sha1(pixels.astype(">u2").tobytes()).hexdigest()
    stats = [channel.statsInfo for channel in made.copyChannels()]
    assert [(one.globalMin.val, one.globalMax.val) for one in stats] == [
        (band.min(), band.max()) for band in pixels
    ]
    assert sorted(plane.deltaT.getValue() for plane in made.copyPlaneInfo()) == [
        1.0,
        2.0,
        3.0,
    ]
    (entry,) = image.fileset.copyUsedFiles()
    file = entry.originalFile
    content = path.read_bytes()
    assert file.name.val == "field.ome.tif"
    assert (file.size.val, file.hasher.value.val) == (len(content), "SHA1-160")
    assert file.hash.val == hashlib.sha1(content).hexdigest()
    assert stocked.core.files.read(file.id.val, 0, len(content) + 9) == content
    store = RawPixelsStore(stocked.core, None)
    store.setPixelsId(call, stored.pixels_id, True)
    assert store.getTimepoint(call, 0) == pixels.astype(">u2").tobytes()


def test_a_file_of_several_images(stocked, tmp_path):
    with tifffile.TiffWriter(tmp_path / "two.tif") as file:
        file.write(noise(20, 30))
        file.write(noise(5, 6, dtype="uint8"))
    call = stocked.call("mia")
    stored = import_file(call, tmp_path / "two.tif")
    assert [one.name for one in stored] == ["two.tif [0]", "two.tif [1]"]
    images = [load_image(call, one.image_id) for one in stored]
    assert len({image.fileset.id.val for image in images}) == 1
    sizes = [image.getPrimaryPixels().sizeX.val for image in images]
    assert sizes == [30, 6]


def test_the_levels_of_a_file_are_kept(stocked, tmp_path):
    full = noise(3, 1100, 1300, dtype="uint8")
    levels = [full, full[:, ::4, ::4]]
    options = {"tile": (256, 256), "photometric": "minisblack"}
    with tifffile.TiffWriter(tmp_path / "slide.ome.tif") as file:
        file.write(levels[0], subifds=1, metadata={"axes": "CYX"}, **options)
        file.write(levels[1], subfiletype=1, **options)
    call = stocked.call("mia")
    (stored,) = import_file(call, tmp_path / "slide.ome.tif")
    store = RawPixelsStore(stocked.core, None)
    store.setPixelsId(call, stored.pixels_id, True)
    assert store.getResolutionLevels(call) == 2
    for resolution, level in enumerate(reversed(levels)):
        store.setResolutionLevel(call, resolution)
        for c in range(3):
            assert store.getPlane(call, 0, c, 0) == level[c].tobytes()


def test_a_big_image_gets_a_pyramid(stocked, write):
    pixels = noise(4000, 2600, dtype="uint8")
    call = stocked.call("mia")
    (stored,) = import_file(call, write("big.tif", pixels, compression="zlib"))
    store = RawPixelsStore(stocked.core, None)
    try:
        store.setPixelsId(call, stored.pixels_id, True)
    except PyramidMissing:
        pytest.fail("The import did not wait for the pyramid.")
    assert store.getResolutionLevels(call) == 6
    assert store.getPlane(call, 0, 0, 0) == pixels.tobytes()


def test_a_full_disk_leaves_nothing(stocked, write):
    resource = pytest.importorskip("resource")
    path = write("large.tif", noise(300, 300))
    call = stocked.call("mia")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(ResourceFault):
            import_file(call, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    _assert_nothing_is_left(stocked)
    assert import_file(call, path)


def test_files_go_into_a_dataset_one_by_one(stocked, write, tmp_path):
    (tmp_path / "bad.tif").write_bytes(b"nothing")
    paths = [write("a.tif", noise(4, 5)), tmp_path / "bad.tif"]
    for _ in range(2):
        outcomes = dict(import_files(stocked.core, paths, "mia", "a dataset"))
        assert outcomes[paths[0]].startswith("a.tif → Image:")
        assert isinstance(outcomes[paths[1]], UnreadableFile)
    call = stocked.call("mia")
    with stocked.core.database.read() as connection:
        text = "select d from Dataset d join fetch d.imageLinks"
        (dataset,) = hql.find(connection, call, text)
    assert dataset.name.val == "a dataset"
    assert dataset.sizeOfImageLinks() == 2
    assert dataset.details.owner.id.val == stocked.users["mia"]


@pytest.mark.parametrize("name", ["uñícödé & more.tif", "a'b\"c.tif"])
def test_names_of_all_kinds(stocked, write, name):
    (stored,) = import_file(stocked.call("mia"), write(name, noise(4, 5)))
    assert stored.name == name


# OME-XML that says where each plane is

OME = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
MODULO = (
    '<StructuredAnnotations><XMLAnnotation ID="Annotation:3" Namespace='
    '"openmicroscopy.org/omero/dimension/modulo"><Value><Modulo><ModuloAlong{axis} '
    'Type="{kind}" Start="0" Step="1" End="2"/></Modulo></Value></XMLAnnotation>'
    "</StructuredAnnotations>"
)


def write_described(path, data, sizes, *, count, order="XYZCT", after=""):
    """Write planes that hold their numbers, and a text about them."""
    t, c, z = sizes
    channels = "".join(f'<Channel ID="C:{n}" SamplesPerPixel="1"/>' for n in range(c))
    text = (
        f'{OME}<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="{order}" '
        f'Type="uint16" SizeX="5" SizeY="4" SizeT="{t}" SizeC="{c}" SizeZ="{z}">'
        f'{channels}{data}</Pixels><AnnotationRef ID="Annotation:3"/></Image>{after}'
        "</OME>"
    )
    with tifffile.TiffWriter(path) as tiff:
        for number in range(count):
            tiff.write(
                np.full((4, 5), number, "uint16"),
                contiguous=False,
                photometric="minisblack",
                metadata=None,
                description=None if number else text,
            )
    return path


def numbers_of(path):
    """Return the numbers of the planes, (T, C, Z)."""
    image, pixels = read_one(path)
    assert image.shape == pixels.shape
    return pixels[..., 0, 0]


def test_planes_lie_where_the_text_says(tmp_path):
    places = list(np.ndindex(2, 3, 2))
    places = [places[(5 * n) % 12] for n in range(12)]
    data = "".join(
        f'<TiffData IFD="{n}" FirstT="{t}" FirstC="{c}" FirstZ="{z}" PlaneCount="1"/>'
        for n, (t, c, z) in enumerate(places)
    )
    path = write_described(tmp_path / "shuffled.ome.tif", data, (2, 3, 2), count=12)
    expected = np.zeros((2, 3, 2))
    for number, place in enumerate(places):
        expected[place] = number
    np.testing.assert_array_equal(numbers_of(path), expected)


def test_planes_that_are_missing_are_empty(tmp_path):
    data = '<TiffData IFD="1" FirstT="1" FirstC="2" PlaneCount="1"/>'
    path = write_described(tmp_path / "few.ome.tif", data, (2, 3, 2), count=2)
    expected = np.zeros((2, 3, 2))
    expected[1, 2, 0] = 1
    np.testing.assert_array_equal(numbers_of(path), expected)


@pytest.mark.parametrize(
    ("axis", "kind"), [("T", "lifetime"), ("C", "lambda"), ("Z", "angle")]
)
@pytest.mark.parametrize("divided", [True, False])
def test_a_divided_axis_stays_one(tmp_path, axis, kind, divided):
    size = 6 if divided else 3
    sizes = [size if name == axis else 2 if name == "Z" else 1 for name in "TCZ"]
    path = write_described(
        tmp_path / "modulo.ome.tif",
        "<TiffData/>",
        sizes,
        count=int(np.prod(sizes)),
        after=MODULO.format(axis=axis, kind=kind),
    )
    np.testing.assert_array_equal(
        numbers_of(path), np.arange(np.prod(sizes)).reshape(sizes)
    )


# Compressions that need a package


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "lzw"},
        {"compression": "lzw", "predictor": True},
        {"compression": "packbits"},
        {"compression": "zstd"},
        {"compression": "jpeg2000", "compressionargs": {"reversible": True}},
    ],
    ids=str,
)
def test_compressed_pixels_are_read(write, options):
    pytest.importorskip("imagecodecs")
    pixels = noise(40, 50, dtype="uint8")
    _, found = read_one(write("compressed.tif", pixels, **options))
    np.testing.assert_array_equal(found[0, 0, 0], pixels)
