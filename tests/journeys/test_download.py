"""The files that images came from, fetched as they were."""

from __future__ import annotations

import errno
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import pytest
import tifffile
from omero.rtypes import rstring

from napari_omero_io.client import download as downloading
from napari_omero_io.client.importer import import_files
from napari_omero_io.client.originals import (
    OriginalFile,
    Originals,
    read_originals,
)
from napari_omero_io.download_command import main
from napari_omero_io.errors import DownloadCancelled, DownloadError, NotPermitted
from napari_omero_io.session import Session

from .plates import make_pixels, store_image

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def session(laboratory: Any) -> Iterator[Session]:
    with Session(laboratory.log_in("ann")) as session:
        yield session


@pytest.fixture(scope="module")
def scan(laboratory: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Import a file of 300 kB; its link, and the file."""
    path = tmp_path_factory.mktemp("microscope") / "scan 1.tif"
    pixels = np.random.default_rng(3).integers(0, 60000, (400, 400), dtype=np.uint16)
    tifffile.imwrite(path, pixels)
    with laboratory.log_in("ann") as connection:
        (image_id,) = import_files(connection, [path])
    return f"image/{image_id}", path


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "BLOCK", 20_000)


def test_a_file_arrives_as_it_was(session, scan, tmp_path) -> None:
    link, path = scan
    told: list[tuple[int, int, str]] = []
    receipt = session.download(
        link, tmp_path / "new" / "folder", progress=lambda *now: told.append(now)
    )
    (file,) = receipt.files
    assert file.path == tmp_path / "new" / "folder" / "scan 1.tif"
    assert file.path.read_bytes() == path.read_bytes()
    assert file.is_verified
    size = path.stat().st_size
    assert file.fetched == size
    assert told[-1] == (size, size, "scan 1.tif")
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert [each.name for each in file.path.parent.iterdir()] == ["scan 1.tif"]


def test_what_is_there_is_not_fetched_again(session, scan, tmp_path) -> None:
    link, _ = scan
    session.download(link, tmp_path)
    (file,) = session.download(link, tmp_path).files
    assert file.fetched == 0
    assert file.is_verified


def test_another_file_of_that_name_is_left_alone(session, scan, tmp_path) -> None:
    link, path = scan
    mine = tmp_path / "scan 1.tif"
    mine.write_bytes(b"my own work")
    (file,) = session.download(link, tmp_path).files
    assert mine.read_bytes() == b"my own work"
    assert file.path.parent.name.startswith("Fileset ")
    assert file.path.read_bytes() == path.read_bytes()


def test_a_download_that_was_stopped_goes_on(session, scan, tmp_path) -> None:
    link, path = scan
    calls = iter(range(100))
    with pytest.raises(DownloadCancelled, match="What has arrived is kept"):
        session.download(link, tmp_path, cancelled=lambda: next(calls) >= 5)
    (part,) = tmp_path.iterdir()
    assert part.name.endswith(".part")
    assert part.stat().st_size == 100_000
    (file,) = session.download(link, tmp_path).files
    assert file.fetched == path.stat().st_size - 100_000
    assert file.is_verified
    assert file.path.read_bytes() == path.read_bytes()
    assert not part.exists()


def test_a_part_that_is_spoilt_is_fetched_again(session, scan, tmp_path) -> None:
    link, path = scan
    calls = iter(range(100))
    with pytest.raises(DownloadCancelled):
        session.download(link, tmp_path, cancelled=lambda: next(calls) >= 5)
    (part,) = tmp_path.iterdir()
    part.write_bytes(bytes(part.stat().st_size))
    (file,) = session.download(link, tmp_path).files
    assert file.path.read_bytes() == path.read_bytes()
    part.write_bytes(bytes(path.stat().st_size + 1))
    file.path.unlink()
    session.download(link, tmp_path)
    assert file.path.read_bytes() == path.read_bytes()


def test_a_file_that_arrives_damaged_is_not_passed_off(
    session, scan, tmp_path, monkeypatch
) -> None:
    link, _ = scan
    read = downloading._Reader.read

    def damage(self: Any, start: int, stop: int) -> Any:
        for block in read(self, start, stop):
            yield bytes([block[0] ^ 1]) + block[1:]

    monkeypatch.setattr(downloading._Reader, "read", damage)
    with pytest.raises(DownloadError, match="arrived damaged"):
        session.download(link, tmp_path)
    assert list(tmp_path.iterdir()) == []


class FullDisk:
    """A stream that takes so many bytes and no more."""

    def __init__(self, stream: Any, room: int) -> None:
        self._stream = stream
        self._room = room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def write(self, data: bytes) -> None:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self._stream.write(data)


def test_a_full_disk_says_so_and_keeps_what_has_arrived(
    session, scan, tmp_path, monkeypatch
) -> None:
    link, path = scan
    with monkeypatch.context() as patch:
        opened = Path.open
        patch.setattr(
            Path,
            "open",
            lambda self, *how: (
                FullDisk(opened(self, *how), 70_000)
                if self.name.endswith(".part")
                else opened(self, *how)
            ),
        )
        with pytest.raises(DownloadError, match=r"full.*kept"):
            session.download(link, tmp_path)
    (part,) = tmp_path.iterdir()
    assert part.stat().st_size == 60_000
    (file,) = session.download(link, tmp_path).files
    assert file.fetched == path.stat().st_size - 60_000


def test_no_room_is_said_before_anything_is_fetched(
    session, scan, tmp_path, monkeypatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(downloading.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DownloadError, match="no room"):
        session.download(scan[0], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(
    session, scan, tmp_path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match="another folder"):
        session.download(scan[0], tmp_path / "file")


def test_no_file_goes_where_a_link_leads_out_of_the_folder(
    session, scan, tmp_path
) -> None:
    image = int(scan[0].partition("/")[2])
    (file,) = read_originals(session.connection, [image]).files
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    elsewhere.mkdir()
    folder.mkdir()
    (folder / "sub").symlink_to(elsewhere)
    there = replace(file, path="top/sub/", prefix="top/")
    with pytest.raises(DownloadError, match="leads out of"):
        downloading.download(session.connection, Originals((there,)), folder)
    assert list(elsewhere.iterdir()) == []


def test_images_without_originals_are_named(session, scan, tmp_path) -> None:
    made = store_image(session.connection, "made of pixels", make_pixels(1))
    receipt = session.download([scan[0], f"image/{made}"], tmp_path)
    assert len(receipt.files) == 1
    assert receipt.without == ("made of pixels",)


def test_a_server_that_gives_nothing_out_says_so(
    session, scan, tmp_path, monkeypatch
) -> None:
    def refuse(*_: Any) -> bytes:
        raise omero.SecurityViolation(message="No read of this file")

    monkeypatch.setattr(downloading._Reader, "_read_next", refuse)
    with pytest.raises(NotPermitted, match="administrator's choice"):
        session.download(scan[0], tmp_path)


def test_a_session_that_is_lost_on_the_way_is_joined_again(
    session, scan, tmp_path
) -> None:
    link, path = scan
    connection = session.connection
    cut = False

    def lose(done: int, _total: int, _name: str) -> None:
        nonlocal cut
        if done >= 60_000 and not cut:
            cut = True
            connection._lifeline.link.close()

    (file,) = session.download(link, tmp_path, progress=lose).files
    assert cut
    assert file.path.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("hasher", ["MD5-128", "CRC-32", "Adler-32", "File-Size-64"])
def test_checksums_of_other_algorithms_are_compared(
    session, scan, tmp_path, hasher
) -> None:
    """The server computes the checksum anew when it is asked for another one."""
    path = scan[1]
    attached = _upload(session, path.read_bytes(), hasher)
    original = describe_file(session, attached)
    assert original.hasher == hasher
    assert original.digest
    originals = Originals((original,))
    (file,) = downloading.download(session.connection, originals, tmp_path).files
    assert file.is_verified
    digest = hashlib.sha256(file.path.read_bytes()).digest()
    assert digest == hashlib.sha256(path.read_bytes()).digest()


def _upload(session: Session, data: bytes, hasher: str) -> int:
    connection = session.connection
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring("attached.bin"), rstring("/")
    file.hasher = omero.model.ChecksumAlgorithmI()
    file.hasher.value = rstring(hasher)
    context = connection.context(connection.user.group_id)
    saved = connection.service("update").saveAndReturnObject(file, context)
    store = connection.open_file_store()
    store.setFileId(saved.id.val, context)
    store.write(data, 0, len(data))
    store.save(context)
    store.close()
    return saved.id.val


def describe_file(session: Session, file_id: int) -> Any:
    connection = session.connection
    file = connection.service("query").findByQuery(
        f"select f from OriginalFile f join fetch f.hasher where f.id = {file_id}",
        None,
        connection.context(),
    )
    return OriginalFile(
        file_id,
        file.name.val,
        file.path.val,
        "1",
        size=file.size.val,
        digest=file.hash.val,
        hasher=file.hasher.value.val,
        group_id=connection.user.group_id,
    )


def test_the_command_line_downloads(
    session, scan, tmp_path, capsys, monkeypatch
) -> None:
    link = f"omero://{session.server}/{scan[0]}"
    assert main([link, "--to", str(tmp_path)]) == 0
    assert str(tmp_path / "scan 1.tif") in capsys.readouterr().out
    assert (tmp_path / "scan 1.tif").read_bytes() == scan[1].read_bytes()
