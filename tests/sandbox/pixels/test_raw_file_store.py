"""RawFileStore: exact lengths, gaps, digests, rights."""

from __future__ import annotations

import hashlib
import zlib

import omero.model
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omero.rtypes import rstring

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage, Invalid, NotAllowed
from napari_omero_io.sandbox.services.raw_file_store import RawFileStore
from napari_omero_io.sandbox.store.file_store import FileStore
from napari_omero_io.sandbox.store.saving import save


@pytest.fixture
def create_file(call):
    def make(hasher=None, repository=None, by=call):
        file = omero.model.OriginalFileI()
        file.name, file.path = rstring("notes.txt"), rstring("/here/")
        if hasher is not None:
            file.hasher = omero.model.ChecksumAlgorithmI()
            file.hasher.value = rstring(hasher)
        if repository is not None:
            file.repo = rstring(repository)
        with by.core.database.write() as connection:
            (saved,) = save(connection, by, [file], may_set_repository=True)
        return saved.id.val

    return make


@pytest.fixture
def open_file(core, call):
    def make(file_id, by=call):
        store = RawFileStore(core, None)
        store.setFileId(by, file_id)
        return store

    return make


def read_row(call, file_id):
    with call.core.database.read() as connection:
        text = "select f from OriginalFile f where f.id = :id"
        (found,) = hql.find(connection, call, text, {"id": file_id})
    return found


def test_reading_pads_with_zeros(call, create_file, open_file):
    store = open_file(create_file())
    assert (store.exists(call), store.size(call)) == (False, 0)
    assert store.read(call, 0, 3) == bytes(3)
    store.write(call, b"abcdef", 2, 4)
    assert (store.exists(call), store.size(call)) == (True, 6)
    assert store.read(call, 0, 8) == b"\0\0abcd\0\0"
    assert store.read(call, 100, 2) == bytes(2)
    for wrong in (
        lambda: store.write(call, b"ab", 0, 3),
        lambda: store.write(call, b"ab", -1, 1),
        lambda: store.read(call, -1, 1),
        lambda: store.read(call, 0, -1),
        lambda: store.truncate(call, -1),
    ):
        with pytest.raises(ApiUsage):
            wrong()


def test_truncating_shortens_only(call, create_file, open_file):
    store = open_file(create_file())
    store.write(call, b"abcd", 0, 4)
    assert not store.truncate(call, 4)
    assert not store.truncate(call, 9)
    assert store.truncate(call, 2)
    assert store.read(call, 0, 4) == b"ab\0\0"


@pytest.mark.parametrize(
    ("hasher", "expected"),
    [
        ("SHA1-160", hashlib.sha1(b"content").hexdigest()),
        ("MD5-128", hashlib.md5(b"content").hexdigest()),
        ("CRC-32", f"{zlib.crc32(b'content'):08x}"),
        ("Adler-32", f"{zlib.adler32(b'content'):08x}"),
        ("File-Size-64", "0000000000000007"),
        (None, None),
    ],
)
def test_closing_stores_size_and_digest(call, create_file, open_file, hasher, expected):
    file_id = create_file(hasher)
    store = open_file(file_id)
    store.write(call, b"content", 0, 7)
    store.close(call)
    row = read_row(call, file_id)
    assert row.size.val == 7
    assert row.mtime is not None
    assert (row.hash.val if row.hash is not None else None) == expected


def test_saving_twice_saves_once(call, create_file, open_file):
    store = open_file(create_file("SHA1-160"))
    assert store.save(call) is None
    store.write(call, b"x", 0, 1)
    assert store.save(call).size.val == 1
    assert store.save(call) is None
    store.write(call, b"y", 0, 1)
    assert store.save(call).hash.val == hashlib.sha1(b"y").hexdigest()


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("Murmur3-32", "47fa8b24"),
        ("Murmur3-128", "029bbd41b3a7d8cb191dae486a901e5b"),
        ("MD5-128", "5d41402abc4b2a76b9719d911017c592"),
        ("CRC-32", "3610a686"),
        ("Adler-32", "062c0215"),
        ("File-Size-64", "0000000000000005"),
    ],
)
def test_digests_of_every_algorithm(call, create_file, open_file, algorithm, digest):
    store = open_file(create_file(algorithm))
    store.write(call, b"hello", 0, 5)
    assert store.save(call).hash.val == digest


def test_files_of_others_are_read_only(stocked, call, create_file, open_file):
    file_id = create_file()
    open_file(file_id).write(call, b"mine", 0, 4)
    ned = stocked.call("ned")
    store = open_file(file_id, ned)
    assert store.read(ned, 0, 4) == b"mine"
    with pytest.raises(NotAllowed, match="File not writeable!"):
        store.write(ned, b"his", 0, 3)
    with pytest.raises(NotAllowed):
        store.truncate(ned, 0)
    store.close(ned)
    everywhere = stocked.call("mia", -1)
    with pytest.raises(NotAllowed):
        open_file(file_id, everywhere).write(everywhere, b"x", 0, 1)
    with pytest.raises(Invalid):
        open_file(file_id, stocked.call("mia", "secret"))


def test_files_of_a_repository_keep_their_store(core, call, create_file, open_file):
    file_id = create_file(repository="a repository")
    store = open_file(file_id)
    with pytest.raises(ApiUsage, match="Too big: 64000001"):
        store.read(call, 0, 64_000_001)
    other = create_file()
    with pytest.raises(ApiUsage, match=f"Cannot reset id to {other}"):
        store.setFileId(call, other)
    legacy = open_file(other)
    legacy.write(call, b"x", 0, 1)
    legacy.setFileId(call, file_id)
    assert read_row(call, other).size.val == 1
    assert legacy.getFileId(call).val == file_id


def test_nothing_works_before_a_file_is_chosen(core, call):
    store = RawFileStore(core, None)
    assert store.getFileId(call) is None
    with pytest.raises(ApiUsage, match="set its id first"):
        store.read(call, 0, 1)
    store.close(call)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.binary(max_size=40)), max_size=6),
)
def test_a_file_is_what_was_written(tmp_path_factory, writes):
    files = FileStore(tmp_path_factory.mktemp("files"))
    expected = bytearray()
    for position, content in writes:
        if content:
            expected.extend(bytes(max(0, position - len(expected))))
            expected[position : position + len(content)] = content
        files.write(1, position, content)
    assert files.read(1, 0, 1000) == expected
    assert files.size(1) == len(expected)


def test_copies_are_kept_or_removed(tmp_path):
    files = FileStore(tmp_path / "files")
    source = tmp_path / "source.tif"
    source.write_bytes(b"tiff")
    with files.incoming(source) as draft:
        files.adopt(draft, 3)
    with files.incoming(source):
        pass
    assert [path.name for path in files.folder.iterdir()] == ["3"]
    assert files.read(3, 0, 10) == b"tiff"
    (files.folder / "incoming-left").write_bytes(b"")
    FileStore(files.folder, is_owner=False)
    assert (files.folder / "incoming-left").exists()
    FileStore(files.folder)
    assert not (files.folder / "incoming-left").exists()
    files.delete([3, 4])
    assert not files.exists(3)
