"""What a sandbox is filled with, and that a killed filling is made good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import omero.model
import pytest
from omero.rtypes import rstring
from sqlalchemy import func, select

from napari_omero_io.sandbox import hql, seed
from napari_omero_io.sandbox.core import Core
from napari_omero_io.sandbox.importing.command import call_as
from napari_omero_io.sandbox.seeding import many, samples
from napari_omero_io.sandbox.seeding.choice import Choice, Content, read_choice
from napari_omero_io.sandbox.seeding.regions import build_label_rois
from napari_omero_io.sandbox.store.pixels.facts import read_facts
from napari_omero_io.sandbox.store.pixels.types import Place, Region
from napari_omero_io.sandbox.store.saving import save

SHARED = Path(__file__).parents[3].parent / "shared" / "data"


def count(core: Core, class_name: str) -> int:
    table = core.database.tables[class_name]
    with core.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.fixture
def core(stocked: Any) -> Core:
    return stocked.core


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[samples.Sample]:
    """Two small samples in place of all."""
    chosen = [
        sample
        for sample in samples.choose_samples()
        if sample.labels is not None or sample.slide_size is not None
    ]
    monkeypatch.setattr(seed, "choose_samples", lambda _: iter(chosen))
    return chosen


def test_seeding_happens_once(core: Core, few: list[samples.Sample]) -> None:
    assert seed.seed(core)
    images = count(core, "Image")
    assert images == len(few)
    assert not seed.seed(core)
    assert count(core, "Image") == images


def test_what_people_have_is_left_alone(core: Core, few: list[samples.Sample]) -> None:
    project = omero.model.ProjectI()
    project.name = rstring("mine")
    with core.database.write() as connection:
        save(connection, call_as(core, "root"), [project])
    assert not seed.seed(core)
    assert count(core, "Project") == 1
    assert count(core, "Image") == 0


def test_a_killed_seeding_is_begun_again(
    core: Core, few: list[samples.Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(seed, "_annotate", die)
        with pytest.raises(KeyboardInterrupt):
            seed.seed(core)
    assert count(core, "Image") == 1
    assert seed.seed(core)
    assert count(core, "Image") == len(few)
    assert count(core, "Project") == 1
    assert count(core, "Roi") == len(np.unique(few[0].labels)) - 1


def test_labels_become_masks_with_their_numbers() -> None:
    labels = np.zeros((2, 4, 6), np.uint16)
    labels[0, 0, 1:3] = 7
    labels[1, 2:4, 5] = 7
    labels[1, 0, 0] = 300
    rois = build_label_rois(5, labels)
    assert [roi.name.val for roi in rois] == ["7", "300"]
    first, second = rois[0].copyShapes()
    assert (first.x.val, first.y.val, first.width.val, first.height.val) == (1, 0, 2, 1)
    assert first.bytes == b"\xc0"
    assert (second.theZ.val, second.textValue.val) == (1, "7")


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data")
def test_all_real_samples_can_be_read() -> None:
    found = {sample.image.name: sample for sample in samples.choose_samples(SHARED)}
    cells = found["Bovine endothelial cells"].image
    assert (cells.shape, cells.dtype) == ((1, 3, 1, 680, 1100), "uint16")
    assert found["Cell migration, time-lapse"].image.shape == (48, 1, 1, 130, 130)
    assert found["Nuclei, 3-D stack"].labels.shape == (31, 61, 57)
    hela = found["HeLa cells"].image
    assert hela.pixel_size[0] == pytest.approx(0.0515, abs=1e-4)
    assert min(found["Colon, whole slide"].slide_size) >= 20_000


def test_the_slide_agrees_with_itself(core: Core, few: list[samples.Sample]) -> None:
    """A pixel of a level is the mean of those it stands for."""
    seed.seed(core)
    call = call_as(core, "demo")
    with core.database.read() as connection:
        text = "select p.id from Pixels p where p.sizeX > 20000"
        ((pixels_id,),) = hql.project(connection, call, text)
        facts = read_facts(connection, call, pixels_id.val)
    buffer = core.pixels.open(facts)
    place = Place(0, 1, 0)
    full = buffer.read(place, Region(4096, 8192, 64, 64)).astype(float)
    buffer.level = 3
    small = buffer.read(place, Region(512, 1024, 8, 8))
    means = full.reshape(8, 8, 8, 8).mean(axis=(1, 3))
    assert np.abs(means - small).max() <= 0.5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("demo", Choice()),
        ("many", Choice(Content.MANY, 10_000)),
        ("many:12", Choice(Content.MANY, 12)),
        ("slide:2000", Choice(Content.SLIDE, 2000)),
    ],
)
def test_what_is_asked_for_is_read(text: str, expected: Choice) -> None:
    assert read_choice(text) == expected
    assert read_choice(str(expected)) == expected


@pytest.mark.parametrize("text", ["", "few", "many:0", "many:x", "demo:3", "slide:-1"])
def test_what_cannot_be_had_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_choice(text)


def test_many_images_have_settings_and_thumbnails(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "_BATCH", 5)
    assert seed.seed(core, Choice(Content.MANY, 12))
    assert count(core, "Image") == count(core, "RenderingDef") == 12
    assert count(core, "DatasetImageLink") == 12
    call = call_as(core, "demo")
    with core.database.read() as connection:
        text = "select i.name, p.id from Pixels p join p.image i order by i.name"
        rows = hql.project(connection, call, text)
    assert [row[0].val for row in rows][:2] == ["Field 01", "Field 02"]
    drawn = [list(core.pixels.path(row[1].val).glob("thumbnails/*")) for row in rows]
    assert all(len(files) == 1 for files in drawn)
    assert len({files[0].read_bytes() for files in drawn}) == 12


def test_a_slide_of_any_size_takes_no_space(core: Core) -> None:
    assert seed.seed(core, Choice(Content.SLIDE, 100_000))
    call = call_as(core, "demo")
    with core.database.read() as connection:
        ((pixels_id,),) = hql.project(connection, call, "select p.id from Pixels p")
        facts = read_facts(connection, call, pixels_id.val)
    assert (facts.size_x, facts.size_y, facts.size_c) == (100_000, 100_000, 3)
    assert facts.type.name == "uint16"
    buffer = core.pixels.open(facts)
    assert max(buffer.sizes[-1]) <= 512
    assert buffer.read(Place(0, 2, 0), Region(99_990, 99_990, 10, 10)).any()
    files = core.pixels.path(facts.id).rglob("*")
    assert sum(one.stat().st_size for one in files) < 10_000_000
