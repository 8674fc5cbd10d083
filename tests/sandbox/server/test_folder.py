"""What a server keeps in its folder beside its data."""

from __future__ import annotations

import datetime
import json
import stat
import sys

import pytest
from cryptography import x509

from napari_omero_io.sandbox.config import Config, is_public, is_secret
from napari_omero_io.sandbox.errors import ResourceFault
from napari_omero_io.sandbox.folder import claim
from napari_omero_io.sandbox.tls import ensure_certificate

private = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@private
def test_a_data_folder_is_private(tmp_path) -> None:
    with claim(tmp_path / "new" / "data"):
        assert mode_of(tmp_path / "new" / "data") == 0o700


def test_a_data_folder_serves_one_at_a_time(tmp_path) -> None:
    with claim(tmp_path), pytest.raises(ResourceFault, match="Another sandbox is"):
        claim(tmp_path).__enter__()
    with claim(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceFault, match="file"):
        claim(tmp_path / "file" / "data").__enter__()


def test_a_certificate_is_made_once(tmp_path) -> None:
    path = ensure_certificate(tmp_path)
    first = path.read_bytes()
    assert ensure_certificate(tmp_path).read_bytes() == first
    assert b"PRIVATE KEY" in first
    found = x509.load_pem_x509_certificate(first)
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=365)
    assert found.not_valid_after_utc > later


@private
def test_the_key_is_private(tmp_path) -> None:
    assert mode_of(ensure_certificate(tmp_path)) == 0o600


def test_a_damaged_certificate_is_replaced(tmp_path) -> None:
    ensure_certificate(tmp_path).write_text("nonsense")
    found = ensure_certificate(tmp_path).read_bytes()
    assert x509.load_pem_x509_certificate(found)


def test_settings_are_kept(tmp_path) -> None:
    path = tmp_path / "config.json"
    first = Config(path, {"omero.router.insecure": "here"})
    assert first.get("omero.router.insecure") == "here"
    assert first.get("no.such") is None
    first.set("omero.sessions.timeout", "5000")
    first.set("a.new.key", "x")
    second = Config(path)
    assert second.number("omero.sessions.timeout") == 5000
    assert second.get("a.new.key") == "x"
    assert second.database_uuid == first.database_uuid
    second.set("omero.sessions.timeout", "")
    assert second.number("omero.sessions.timeout") == 600000


def test_a_setting_is_changed_if_it_is_what_one_thinks(tmp_path) -> None:
    config = Config(tmp_path / "config.json")
    assert not config.set_if_equal("key", "new", "old")
    assert config.set_if_equal("key", "new", "")
    assert config.get("key") == "new"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"database": 1}', "\0"])
def test_damaged_settings_are_named(tmp_path, content) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(ResourceFault, match=r"config\.json"):
        Config(path)


def test_a_number_that_is_none_is_named(tmp_path) -> None:
    path = tmp_path / "config.json"
    settings = {"omero.sessions.timeout": "soon"}
    path.write_text(json.dumps({"database": "x", "settings": settings}))
    with pytest.raises(ResourceFault, match=r"omero\.sessions\.timeout"):
        Config(path).number("omero.sessions.timeout")


def test_who_may_read_what() -> None:
    assert is_public("omero.client.ui.tree.type_order")
    assert is_public("omero.router.insecure")
    assert not is_public("omero.throttling.servants_per_session")
    assert is_secret("omero.db.pass")
    assert not is_secret("omero.db.uuid")
    assert not is_secret("omero.version")
