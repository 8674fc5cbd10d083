"""Other processes read an image themselves, from what a pickle tells them."""

from __future__ import annotations

import logging
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import dask
import numpy as np
import pytest

from napari_omero_io.client.tickets import Ticket
from napari_omero_io.client.upload import create_image
from napari_omero_io.errors import OmeroIOError
from napari_omero_io.records import NewChannel, NewImage
from napari_omero_io.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_omero_io.client.connection import Connection

PIXELS = np.random.default_rng(1).integers(0, 60_000, (2, 2, 3, 40, 50), np.uint16)


@pytest.fixture
def image_id(ann: Connection) -> int:
    new = NewImage("shared", "uint16", PIXELS.shape, (NewChannel(), NewChannel()))
    planes = ((*place, PIXELS[place]) for place in np.ndindex(2, 2, 3))
    return create_image(ann, new, planes)


@pytest.fixture
def session(ann: Connection) -> Iterator[Session]:
    session = Session(ann)
    yield session
    session.close()


def test_processes_read_the_server(session: Session, image_id: int) -> None:
    image = session.open(image_id)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        planes = [image.full_level(0)[t, 1] for t in range(2)]
        found = list(pool.map(np.asarray, planes))
        np.testing.assert_array_equal(found, PIXELS[:, 1])
        with dask.config.set(scheduler="processes", pool=pool):
            projection = image.levels[0].max(axis=2).compute()
    np.testing.assert_array_equal(projection, PIXELS.max(axis=2))
    # those who joined have left, and the session goes on
    np.testing.assert_array_equal(np.asarray(image.full_level(0)), PIXELS)


def test_processes_have_the_server_render(session: Session, image_id: int) -> None:
    link = f"image/{image_id}?c=1|0:60000$FF0000,-2&z=1"
    picture = session.open(link, rendered=True)
    [level] = picture.picture_levels()
    seen = np.asarray(level)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        found = pool.submit(np.asarray, level[1, 2, 5:20]).result()
        with dask.config.set(scheduler="processes", pool=pool):
            whole = picture.levels[0].compute()
    np.testing.assert_array_equal(found, seen[1, 2, 5:20])
    # red only, as the link has it, and as JPEG can
    red, green, blue = found.mean(axis=(0, 1))
    assert red > 5 * max(green, blue)
    np.testing.assert_array_equal(np.moveaxis(whole, 1, -1), seen)


def test_the_same_process_joins_once(session: Session, image_id: int) -> None:
    level = session.open(image_id).full_level(0)
    first, second = (pickle.loads(pickle.dumps(level[0, c])) for c in range(2))
    assert first.image is second.image
    [picture] = session.open(image_id, rendered=True).picture_levels()
    one, other = (pickle.loads(pickle.dumps(picture[t])) for t in range(2))
    assert one.image is other.image
    np.testing.assert_array_equal(np.asarray(second), PIXELS[0, 1])


def test_the_key_is_not_to_be_seen(
    session: Session, image_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = session.connection.key
    image = session.open(image_id)
    level = image.full_level(0)
    np.asarray(pickle.loads(pickle.dumps(level)))
    ticket = Ticket(session.connection.address, key, image.record)
    picture = session.open(image_id, rendered=True)
    rendered = pickle.loads(pickle.dumps(picture.full_level(0)))
    seen = [repr(ticket)]
    seen += [
        repr(each)
        for shown in (level.image, picture, rendered.image)
        for each in (shown, shown.source, shown.levels, shown.full_level(0))
    ]
    assert not any(key in text for text in [*seen, str(ticket), caplog.text])
    assert key.encode() in pickle.dumps(level)


def test_a_session_that_has_ended_is_not_joined(
    session: Session, image_id: int
) -> None:
    data = pickle.dumps(session.open(image_id).full_level(0))
    session.close()
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=context) as pool,
        pytest.raises(OmeroIOError, match="session"),
    ):
        pool.submit(pickle.loads, data).result()
