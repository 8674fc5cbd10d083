"""Details of an object as text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from napari_omero_io.client.facts import AnnotationRecord, Details, ImageFacts
from napari_omero_io.widgets.facts_text import describe_annotations, describe_facts

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the clock nine hours ahead."""
    with monkeypatch.context() as place:
        place.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


def describe(*notes: AnnotationRecord) -> Details:
    sizes: Any = ((1, 1, 1, 4, 4), (None, None, None), ())
    facts = ImageFacts("uint8", *sizes, acquired=NOON)
    return Details("image", 1, "cells", created=NOON, image=facts, annotations=notes)


@pytest.mark.usefixtures("tokyo")
def test_what_was_made_has_the_time_of_the_users_clock() -> None:
    note = AnnotationRecord("comment", 1, "Look", owner="Ben", when=NOON)
    assert "2026-01-02 21:00" in describe_annotations(describe(note), "gray")
    facts = describe_facts(describe(), "gray")
    assert "Imported</td><td>2026-01-02 21:00" in facts
    # of the microscope: its own clock, whatever the place
    assert "Acquired</td><td>2026-01-02 12:00" in facts


def test_values_without_text_and_documents_are_shown() -> None:
    text = describe_annotations(
        describe(
            AnnotationRecord("timestamp", 1, "", namespace="my.time"),
            AnnotationRecord("xml", 2, "x" * 600, namespace="my.xml"),
        ),
        "gray",
    )
    assert "my.time</td><td>–" in text
    assert f"<td>{'x' * 500}…</td>" in text
