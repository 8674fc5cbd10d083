"""The library's face, as a script would use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keyring
import numpy as np
import pytest
from keyring.backends.fail import Keyring as NoKeyring

import napari_omero_io
from napari_omero_io.client.containers import create_dataset, create_project
from napari_omero_io.client.upload import create_image
from napari_omero_io.entry import connect, open_layers
from napari_omero_io.errors import BadReference, LoginRefused, NotFound, SessionLost
from napari_omero_io.records import NewChannel, NewImage
from napari_omero_io.refs import OmeroRef
from napari_omero_io.session import Session, find_session
from napari_omero_io.settings import (
    RememberedServer,
    Settings,
    remember_server,
    save_settings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "secret"


@pytest.fixture
def address(laboratory: Any) -> str:
    return f"127.0.0.1:{laboratory.sandbox.port}"


@pytest.fixture
def session(address: str) -> Iterator[Session]:
    with connect(address, "ann", PASSWORD) as session:
        yield session


def make_pixels(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 999, (2, 1, 3, 20, 30), np.uint16)


def make_image(
    session: Session, name: str = "an image", dataset: int | None = None
) -> int:
    pixels = make_pixels()
    new = NewImage(name, "uint16", pixels.shape, (NewChannel("DAPI"),))
    planes = ((t, 0, z, pixels[t, 0, z]) for t in range(2) for z in range(3))
    return create_image(session.connection, new, planes, dataset_id=dataset)


def test_an_image_is_opened_by_any_reference(session: Session, address: str) -> None:
    image_id = make_image(session)
    references: list[Any] = [
        *(
            image_id,
            str(image_id),
            f"Image:{image_id}",
            OmeroRef(None, "image", image_id),
        ),
        *(f"omero://{address}/image/{image_id}", session.link("image", image_id)),
        f"https://localhost/webclient/?show=image-{image_id}",
    ]
    for reference in references:
        with_pixels = session.open(reference)
        assert with_pixels.record.id == image_id
    np.testing.assert_array_equal(with_pixels.levels[0].compute(), make_pixels())


def test_what_names_no_single_image(session: Session) -> None:
    dataset = create_dataset(session.connection, "two of them")
    with pytest.raises(BadReference, match="no image"):
        session.open(f"Dataset:{dataset}")
    images = [make_image(session, f"i{n}", dataset) for n in range(2)]
    with pytest.raises(BadReference, match="several images"):
        session.open(f"Dataset:{dataset}")
    opened = session.open_all(f"Dataset:{dataset}")
    assert [image.record.id for image in opened] == images
    with pytest.raises(BadReference, match="more than 1 images"):
        session.open_all(f"Dataset:{dataset}", limit=1)
    with pytest.raises(NotFound):
        session.open(123456789)
    with pytest.raises(BadReference, match="elsewhere"):
        session.open("omero://elsewhere.example.org/image/1")


def test_by_name(session: Session) -> None:
    project = create_project(session.connection, "Named project")
    dataset = create_dataset(session.connection, "Named dataset", project)
    image = make_image(session, "Named image", dataset)
    opened = session.open("https://localhost/webclient/?show=image.name-Named%20image")
    assert opened.record.id == image
    path = "?path=project.name-Named%20project|dataset.name-Named%20dataset"
    assert session.open(path).record.id == image
    with pytest.raises(NotFound, match="no object"):
        session.open("?show=image.name-nothing")
    make_image(session, "Named image", dataset)
    with pytest.raises(NotFound, match="2 objects"):
        session.open("?show=image.name-Named%20image")


def test_browsing_and_searching(session: Session) -> None:
    project = create_project(session.connection, "Session project")
    dataset = create_dataset(session.connection, "Session dataset", project)
    make_image(session, "Session image", dataset)
    roots = {row.name: row for row in session.browse()}
    (found,) = session.browse(roots["Session project"])
    assert found.name == "Session dataset"
    (image,) = session.browse(f"Dataset:{dataset}")
    assert image.name == "Session image"
    names = [row.name for row in session.search("session")]
    assert names == ["Session project", "Session dataset", "Session image"]
    assert [row.kind for row in session.search("session", ["image"])] == ["image"]


def test_browsing_reads_page_by_page(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_omero_io.session.tree._PAGE", 2)
    project = create_project(session.connection, "Long")
    for number in range(5):
        create_dataset(session.connection, f"d{number}", project)
    rows = session.browse(f"Project:{project}")
    assert [row.name for row in rows] == [f"d{number}" for number in range(5)]


def test_layers_without_a_window(session: Session, address: str) -> None:
    image_id = make_image(session)
    ((data, settings, kind),) = open_layers(f"omero://{address}/image/{image_id}")
    assert kind == "image"
    assert settings["metadata"]["omero"]["image_id"] == image_id
    assert settings["metadata"]["omero"]["server"] == address
    np.testing.assert_array_equal(np.squeeze(make_pixels()), np.asarray(data))


def test_saving_layers(session: Session) -> None:
    pixels = make_pixels(3)[:, 0]
    layer = (
        pixels,
        {"name": "made here", "axis_labels": ("t", "z", "y", "x")},
        "image",
    )
    receipt = session.save([layer], "A new dataset")
    saved = [made for made in receipt.objects if made.kind == "image"]
    opened = session.open(saved[0].id)
    np.testing.assert_array_equal(opened.levels[0][:, 0].compute(), pixels)
    (row,) = session.search("A new dataset", ["dataset"])
    assert [each.id for each in session.browse(row)] == [saved[0].id]
    session.save([layer], f"Dataset:{row.id}")
    assert len(list(session.browse(row))) == 2


def test_a_target_that_is_no_dataset(session: Session) -> None:
    with pytest.raises(BadReference, match="images go into datasets"):
        session.find_target("Project:1")
    with pytest.raises(NotFound):
        session.find_target("Dataset:123456789")


def test_sessions_are_found_by_their_server(address: str) -> None:
    with connect(address, "ann", PASSWORD) as first:
        assert find_session(address) is first
        assert find_session() is first
        assert find_session("localhost") is first
        assert find_session("elsewhere.example.org") is None
        assert find_session("127.0.0.1:1") is None
    assert find_session(address) is None


def test_closed_means_closed(address: str) -> None:
    with connect(address, "ann", PASSWORD) as session:
        image = session.open(make_image(session))
    assert not session.is_open
    with pytest.raises(SessionLost):
        list(session.browse())
    with pytest.raises(napari_omero_io.errors.OmeroIOError):
        image.levels[0][0].compute()


def test_a_link_without_a_session_needs_a_login() -> None:
    with pytest.raises(LoginRefused, match="Log in to a server first"):
        open_layers("Image:1")


def test_the_last_account_is_used_again(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    monkeypatch.setenv("NAPARI_OMERO_IO_CONFIG", str(tmp_path))
    save_settings(
        remember_server(Settings(), RememberedServer(address=address, user="ann"))
    )
    try:
        with pytest.raises(LoginRefused, match="password of “ann”"):
            connect(address)
        with connect(address, password=PASSWORD) as session:
            assert session.user.name == "ann"
    finally:
        keyring.set_keyring(before)


def test_the_public_names_lead_here() -> None:
    assert napari_omero_io.connect is connect
    assert napari_omero_io.open_layers is open_layers
    assert napari_omero_io.Session is Session
    assert napari_omero_io.OmeroRef is OmeroRef
