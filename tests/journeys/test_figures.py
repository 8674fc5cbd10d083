"""Figures of OMERO.figure, whose links open the images they show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from napari_omero_io import connect
from napari_omero_io.errors import BadReference, NotFound
from napari_omero_io.refs import OmeroRef

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_omero_io import Sandbox, Session


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    with connect(sandbox.url, sandbox.user, sandbox.password) as session:
        yield session


@pytest.fixture
def attach(gateway: Any, tmp_path: Path) -> Callable[[str], int]:
    """Give a function that keeps a text as OMERO.figure keeps its figures."""

    def keep(text: str) -> int:
        file = tmp_path / "figure.json"
        file.write_text(text, encoding="utf-8")
        annotation = gateway.createFileAnnfromLocalFile(
            str(file), mimetype="application/json", ns="omero.web.figure.json"
        )
        return int(annotation.getId())

    return keep


def test_a_figure_opens_the_images_of_its_panels(
    session: Session, attach: Callable[[str], int]
) -> None:
    panels = [{"imageId": number, "name": "é"} for number in (5, 3, 5, 8)]
    figure = attach(json.dumps({"version": 7, "panels": panels}))
    ref = OmeroRef.parse(f"https://{session.server}/figure/file/{figure}/")
    here = OmeroRef(session.server, ref.kind, ref.id)
    assert session.find_images(here, 10) == [5, 3, 8]
    assert session.find_images(here, 2) == [5, 3]


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}", '{"panels": [{}]}'])
def test_another_file_is_no_figure(
    session: Session, attach: Callable[[str], int], text: str
) -> None:
    number = attach(text)
    with pytest.raises(BadReference, match=f"annotation {number} is no figure"):
        session.find_images(OmeroRef(session.server, "figure", number), 10)


def test_a_figure_that_is_not_there_is_named(session: Session) -> None:
    with pytest.raises(NotFound, match="no figure 987654"):
        session.find_images(OmeroRef(session.server, "figure", 987654), 10)
