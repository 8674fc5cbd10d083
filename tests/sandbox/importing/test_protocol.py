"""Import over the protocol, with nothing but omero-py."""

from __future__ import annotations

import hashlib
import threading
import time

import numpy as np
import omero
import omero.all
import omero.callbacks
import pytest
import tifffile
from omero.rtypes import rbool, rstring
from PIL import Image

from napari_omero_io import Sandbox

from .plates import WELLS, write_plate

RNG = np.random.default_rng(3)


@pytest.fixture
def client(sandbox):
    found = omero.client(sandbox.host, sandbox.port)
    found.createSession(sandbox.user, sandbox.password)
    yield found
    found.__del__()


@pytest.fixture
def repository(client):
    return client.getManagedRepository()


def describe(paths, root=None):
    """Build a fileset and its settings, as a client of OMERO does."""
    fileset = omero.model.FilesetI()
    for path in paths:
        entry = omero.model.FilesetEntryI()
        entry.clientPath = rstring(str(path))
        fileset.addFilesetEntry(entry)
    job = omero.model.UploadJobI()
    job.versionInfo = [omero.model.NamedValue("omero.version", "5.6")]
    fileset.linkJob(job)
    settings = omero.grid.ImportSettings()
    settings.doThumbnails = rbool(True)
    settings.noStatsInfo = rbool(False)
    settings.checksumAlgorithm = omero.model.ChecksumAlgorithmI()
    settings.checksumAlgorithm.value = rstring("SHA1-160")
    return fileset, settings


def upload(process, paths, block=70_000):
    """Send the files in blocks; return their digests."""
    digests = []
    for index, path in enumerate(paths):
        content = path.read_bytes()
        store = process.getUploader(index)
        for start in range(0, len(content), block):
            part = content[start : start + block]
            store.write(part, start, len(part))
        store.close()
        assert process.getUploadOffset(index) == len(content)
        digests.append(hashlib.sha1(content).hexdigest())
    return digests


class Watcher(omero.callbacks.CmdCallbackI):
    """Notes the steps."""

    def __init__(self, client, handle):
        self.steps = []
        super().__init__(client, handle)

    def step(self, complete, total, current=None):
        self.steps.append((complete, total))


def wait(client, handle):
    watcher = Watcher(client, handle)
    try:
        response = watcher.loop(600, 500)
        return response, watcher
    finally:
        watcher.close(False)


def run(client, repository, paths, **wishes):
    fileset, settings = describe(paths)
    for name, value in wishes.items():
        setattr(settings, name, value)
    process = repository.importFileset(fileset, settings)
    try:
        handle = process.verifyUpload(upload(process, paths))
        response, _ = wait(client, handle)
        handle.close()
        return response
    finally:
        process.close()


def count_rows(client, *classes):
    query = client.sf.getQueryService()
    counted = {}
    for name in classes:
        ((found,),) = query.projection(f"select count(x) from {name} x", None)
        counted[name] = found.val
    return counted


ROWS = ("Image", "Pixels", "Fileset", "FilesetEntry", "OriginalFile", "Job")


def read_pixels(client, pixels_id, shape, dtype):
    store = client.sf.createRawPixelsStore()
    try:
        store.setPixelsId(pixels_id, False)
        found = np.empty(shape, dtype)
        t_size, c_size, z_size, y, x = shape
        for t, c, z in np.ndindex(t_size, c_size, z_size):
            plane = np.frombuffer(
                store.getPlane(z, c, t), found.dtype.newbyteorder(">")
            )
            found[t, c, z] = plane.reshape(y, x)
        return found
    finally:
        store.close()


def noise(*shape):
    return RNG.integers(0, 60000, shape).astype("uint16")


# The whole way


def test_an_import_leaves_its_log_which_goes_with_its_images(
    client, repository, tmp_path
):
    path = tmp_path / "logged.ome.tif"
    tifffile.imwrite(
        path, noise(20, 30), metadata={"axes": "YX", "Name": "first\nline"}
    )
    before = count_rows(client, "Job")

    (image,) = run(client, repository, [path]).objects

    metadata = client.sf.getMetadataService()
    ((journal,),) = metadata.loadLogFiles("Image", [image.id.val]).values()
    store = client.sf.createRawFileStore()
    store.setFileId(journal.id.val)
    content = store.read(0, journal.size.val)
    store.close()
    assert hashlib.sha1(content).hexdigest() == journal.hash.val
    about_file, about_image = content.decode().splitlines()
    assert hashlib.sha1(path.read_bytes()).hexdigest() in about_file
    assert "first line" in about_image
    assert "uint16" in about_image
    # It lies beside the folder of the import, and is none of its files.
    (row,) = client.sf.getQueryService().projection(
        "select fs.templatePrefix, count(e.id) from Image i join i.fileset fs "
        "join fs.usedFiles e where i.id = :id group by fs.templatePrefix",
        omero.sys.ParametersI().addId(image.id.val),
    )
    assert journal.path.val + journal.name.val == row[0].val.rstrip("/") + ".log"
    assert row[1].val == 1

    client.submit(omero.cmd.Delete2(targetObjects={"Image": [image.id.val]}))
    assert count_rows(client, "Job") == before
    assert metadata.loadLogFiles("Image", [image.id.val]) == {}
    with pytest.raises(omero.ServerError):
        client.sf.getQueryService().get("OriginalFile", journal.id.val)


def test_several_series_become_images_of_one_fileset(client, repository, tmp_path):
    path = tmp_path / "series.ome.tif"
    arrays = [noise(1, 2, 3, 40, 50), noise(2, 1, 1, 30, 20)]
    with tifffile.TiffWriter(path) as tiff:
        for index, pixels in enumerate(arrays):
            metadata = {"axes": "TCZYX", "Name": f"s{index}", "PhysicalSizeX": 0.25}
            tiff.write(pixels, metadata=metadata)
    dataset = omero.model.DatasetI()
    dataset.name = rstring("target")
    dataset = client.sf.getUpdateService().saveAndReturnObject(dataset)
    target = omero.model.DatasetI(dataset.id.val, False)

    response = run(client, repository, [path], userSpecifiedTarget=target)

    assert isinstance(response, omero.grid.ImportResponse)
    assert [image.name.val for image in response.objects] == ["s0", "s1"]
    for pixels, expected in zip(response.pixels, arrays, strict=True):
        found = read_pixels(client, pixels.id.val, expected.shape, expected.dtype)
        np.testing.assert_array_equal(found, expected)
        assert pixels.physicalSizeX.getValue() == 0.25
    ids = [image.id.val for image in response.objects]
    rows = client.sf.getQueryService().projection(
        "select i.fileset.id, f.id, f.path, f.name, f.hash, f.size, e.clientPath, l.id "
        "from Image i join i.fileset.usedFiles e join e.originalFile f "
        "join i.datasetLinks l where i.id in (:ids)",
        omero.sys.ParametersI().addIds(ids),
    )
    assert len(rows) == 2
    assert len({row[0].val for row in rows}) == 1
    _, file_id, folder, name, digest, size, client_path, _ = rows[0]
    assert name.val == "series.ome.tif"
    assert folder.val.startswith("root_0/")
    assert client_path.val == str(path)
    assert size.val == path.stat().st_size
    assert digest.val == hashlib.sha1(path.read_bytes()).hexdigest()
    assert repository.fileExists(folder.val + name.val)
    assert repository.list(folder.val) == [folder.val + name.val]
    assert repository.verifyChecksums([file_id.val]) == []


def test_originals_are_read_back_in_parts(client, repository, tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(noise(20, 30).astype("uint8")).save(path)
    response = run(client, repository, [path], userSpecifiedName=rstring("my name"))
    assert response.objects[0].name.val == "my name"
    (row,) = client.sf.getQueryService().findAllByQuery(
        "select f from FilesetEntry e join e.originalFile f "
        "join e.fileset.images i where i.id = :id",
        omero.sys.ParametersI().addId(response.objects[0].id.val),
    )
    store = client.sf.createRawFileStore()
    store.setFileId(row.id.val)
    content = path.read_bytes()
    assert store.read(0, len(content)) == content
    with pytest.raises(omero.ApiUsageException, match="Too big: 64000001"):
        store.read(0, 64_000_001)
    with pytest.raises(omero.ApiUsageException, match="Cannot reset id"):
        store.setFileId(row.id.val + 1)
    store.close()


def test_a_plane_in_each_of_several_files(client, repository, tmp_path):
    planes = noise(2, 16, 24)
    names = ["c0.tif", "c1.tif"]
    for name, plane in zip(names, planes, strict=True):
        tifffile.imwrite(tmp_path / name, plane)
    blocks = "".join(
        f'<TiffData FirstC="{c}" FirstZ="0" FirstT="0" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">urn:uuid:00000000-0000-0000-0000-00000000000{c}'
        "</UUID></TiffData>"
        for c, name in enumerate(names)
    )
    companion = tmp_path / "all.companion.ome"
    companion.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Image ID="Image:0" Name="both"><Pixels ID="Pixels:0" Type="uint16" '
        'DimensionOrder="XYZCT" SizeX="24" SizeY="16" SizeZ="1" SizeC="2" SizeT="1">'
        '<Channel ID="Channel:0:0" Name="red" SamplesPerPixel="1"/>'
        '<Channel ID="Channel:0:1" Name="green" SamplesPerPixel="1"/>'
        f"{blocks}</Pixels></Image></OME>"
    )
    paths = [companion, *(tmp_path / name for name in names)]
    response = run(client, repository, paths)
    assert isinstance(response, omero.grid.ImportResponse), response.parameters
    (pixels,) = response.pixels
    assert response.objects[0].name.val == "both"
    found = read_pixels(client, pixels.id.val, (1, 2, 1, 16, 24), np.dtype("uint16"))
    np.testing.assert_array_equal(found[0, :, 0], planes)


def test_steps_are_told_and_the_status_is_kept(client, repository, tmp_path):
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, noise(5, 64, 64))
    process = repository.importFileset(*describe([path]))
    assert process.getHandle() is None
    assert process.getImportSettings().doThumbnails.val
    handle = process.verifyUpload(upload(process, [path]))
    assert process.getHandle() == handle
    response, watcher = wait(client, handle)
    assert isinstance(response, omero.grid.ImportResponse)
    assert all(total == 5 for _, total in watcher.steps)
    status = handle.getStatus()
    assert (status.currentStep, status.steps, list(status.flags)) == (4, 5, [])
    assert handle.getRequest().location.sharedPath.startswith("root_0/")
    with pytest.raises(omero.LockTimeout):
        handle.cancel()
    handle.close()
    process.close()


# What is refused


def test_a_wrong_checksum_is_told_and_the_file_can_be_sent_again(
    client, repository, tmp_path
):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, noise(8, 8))
    before = count_rows(client, *ROWS)
    process = repository.importFileset(*describe([path]))
    (digest,) = upload(process, [path])
    with pytest.raises(omero.ChecksumValidationException) as refused:
        process.verifyUpload(["0" * 40])
    assert refused.value.failingChecksums == {0: digest}
    with pytest.raises(omero.ApiUsageException, match="2 checksums"):
        process.verifyUpload([digest, digest])
    assert count_rows(client, *ROWS) == before
    response, _ = wait(client, process.verifyUpload([digest]))
    assert isinstance(response, omero.grid.ImportResponse)
    process.close()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("notes.txt", b"words", "import-unknown-format"),
        ("empty.tif", b"", "import-unknown-format"),
        ("cut.png", b"\x89PNG\r\n\x1a\nrubbish", "import-file-exception"),
    ],
)
def test_what_cannot_be_read_leaves_nothing(
    client, repository, sandbox, tmp_path, name, content, code
):
    path = tmp_path / name
    path.write_bytes(content)
    before = count_rows(client, *ROWS)
    response = run(client, repository, [path])
    assert isinstance(response, omero.cmd.ERR)
    assert (response.name, response.category) == (code, "::omero::grid::ImportRequest")
    assert name in response.parameters["message"]
    assert count_rows(client, *ROWS) == before


def test_imports_need_files_and_an_algorithm(repository, tmp_path):
    fileset, settings = describe([])
    with pytest.raises(omero.ApiUsageException, match="No paths provided"):
        repository.importFileset(fileset, settings)
    fileset, settings = describe([tmp_path / "a"])
    settings.checksumAlgorithm = None
    with pytest.raises(omero.ApiUsageException, match="must specify checksum"):
        repository.importFileset(fileset, settings)


def test_a_client_that_goes_away_leaves_nothing(tmp_path):
    data = tmp_path / "data"
    with Sandbox(data) as fresh_sandbox:
        _go_away(fresh_sandbox, tmp_path, data / "files")


def _go_away(fresh_sandbox, tmp_path, files):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, noise(8, 8))
    content = path.read_bytes()
    watching = omero.client(fresh_sandbox.host, fresh_sandbox.port)
    watching.createSession(fresh_sandbox.user, fresh_sandbox.password)
    watching.getManagedRepository()
    before = count_rows(watching, *ROWS)
    leaving = omero.client(fresh_sandbox.host, fresh_sandbox.port)
    leaving.createSession(fresh_sandbox.user, fresh_sandbox.password)
    process = leaving.getManagedRepository().importFileset(*describe([path]))
    process.getUploader(0).write(content, 0, len(content))
    assert list(files.glob("uploads-*"))
    leaving.getCommunicator().destroy()  # without a goodbye
    until = time.monotonic() + 60
    pause = threading.Event()
    while list(files.glob("uploads-*")) and time.monotonic() < until:
        pause.wait(0.05)
    assert list(files.glob("uploads-*")) == []
    assert count_rows(watching, *ROWS) == before
    watching.__del__()


# The repository


def test_folders_by_their_rules(repository):
    repository.makeDir("by hand/below", True)
    assert repository.fileExists("by hand/below")
    assert repository.list("by hand") == ["by hand/below"]
    with pytest.raises(omero.ResourceError):
        repository.makeDir("by hand", False)
    with pytest.raises(omero.ResourceError):
        repository.makeDir("nowhere/below", False)
    with pytest.raises(omero.FilePathNamingException) as refused:
        repository.makeDir("a:b/CON/end.", True)
    assert refused.value.illegalCodePoints == [ord(":")]
    assert refused.value.illegalNames == ["CON"]
    assert refused.value.illegalSuffixes == ["."]


def test_files_are_made_and_deleted_by_path(client, repository):
    repository.makeDir("mine", True)
    store = repository.file("mine/notes.txt", "rw")
    store.write(b"hello", 0, 5)
    store.close()
    tree = repository.treeList("mine").val["mine"].val
    assert tree["files"].val["mine/notes.txt"].val["size"].val == 5
    with pytest.raises(omero.ResourceError):
        repository.deletePaths(["mine"], False, False)
    handle = repository.deletePaths(["mine"], True, False)
    response, _ = wait(client, handle)
    assert isinstance(response, omero.cmd.Delete2Response)
    assert not repository.fileExists("mine/notes.txt")
    assert not repository.fileExists("mine")


def test_algorithms_are_agreed_upon(client, repository, tmp_path):
    names = [one.value.val for one in repository.listChecksumAlgorithms()]
    assert names[0] == "SHA1-160"
    assert len(names) == 7
    offered = []
    for name in ("CRC-32", "MD5-128"):
        offered.append(omero.model.ChecksumAlgorithmI())
        offered[-1].value = rstring(name)
    assert repository.suggestChecksumAlgorithm(offered).value.val == "MD5-128"
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, noise(8, 8))
    response = run(client, repository, [path])
    (row,) = client.sf.getQueryService().findAllByQuery(
        "select f from FilesetEntry e join e.originalFile f "
        "join e.fileset.images i where i.id = :id",
        omero.sys.ParametersI().addId(response.objects[0].id.val),
    )
    changed = repository.setChecksumAlgorithm(offered[1], [row.id.val])
    assert changed == [row.id.val]
    row = client.sf.getQueryService().get("OriginalFile", row.id.val)
    assert row.hash.val == hashlib.md5(path.read_bytes()).hexdigest()


def test_a_plate_goes_into_a_screen(client, repository, tmp_path):
    paths = write_plate(tmp_path)
    screen = omero.model.ScreenI()
    screen.name = rstring("of the user")
    screen = client.sf.getUpdateService().saveAndReturnObject(screen)
    target = omero.model.ScreenI(screen.id.val, False)

    response = run(
        client, repository, paths, userSpecifiedTarget=target, userSpecifiedName=None
    )

    plate, *images = response.objects
    assert isinstance(plate, omero.model.Plate)
    assert [image.name.val for image in images] == [f"field {n}" for n in range(10)]
    query = client.sf.getQueryService()
    links = query.projection(
        "select l.parent.name from ScreenPlateLink l where l.child.id = :id",
        omero.sys.ParametersI().addId(plate.id),
    )
    assert {name.val for (name,) in links} == {"of the user", "of the file"}
    wells = query.findAllByQuery(
        "select w from Well w join fetch w.wellSamples s join fetch s.image "
        "where w.plate.id = :id order by w.row, w.column",
        omero.sys.ParametersI().addId(plate.id),
    )
    assert [(well.row.val, well.column.val) for well in wells] == list(WELLS)
    pixels = response.pixels[7]
    found = read_pixels(client, pixels.id.val, (1, 2, 1, 16, 20), np.dtype("uint16"))
    assert (found == 7).all()


@pytest.mark.parametrize("is_unwanted", [True, False])
def test_extremes_of_channels_may_be_unwanted(
    client, repository, tmp_path, is_unwanted
):
    path = tmp_path / "plain.tif"
    tifffile.imwrite(path, noise(20, 30))

    response = run(client, repository, [path], noStatsInfo=rbool(is_unwanted))

    (pixels,) = response.pixels
    rows = client.sf.getQueryService().projection(
        "select c.id, s.globalMax from Channel c left outer join c.statsInfo s "
        "where c.pixels.id = :id",
        omero.sys.ParametersI().addId(pixels.id),
    )
    assert [row[1] is None for row in rows] == [is_unwanted]
    engine = client.sf.createRenderingEngine()
    try:
        engine.lookupPixels(pixels.id.val)
        if not engine.lookupRenderingDef(pixels.id.val):
            engine.resetDefaultSettings(True)
            engine.lookupRenderingDef(pixels.id.val)
        engine.load()
        plane = omero.romio.PlaneDef(omero.romio.XY, 0, 0, 0, 0, None, -1)
        assert engine.renderCompressed(plane)[:3] == b"\xff\xd8\xff"
    finally:
        engine.close()
