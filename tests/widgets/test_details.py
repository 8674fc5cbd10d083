"""The details panel with what would not fit it."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from napari_omero_io.client.facts import Details
from napari_omero_io.widgets.details import DetailsPanel


def test_a_word_longer_than_a_line_is_broken_not_cut(qtbot: QtBot) -> None:
    panel = DetailsPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    word = "ä" * 4000
    panel.show_details(
        Details("image", 3, word, description=f"{word} END"), "omero://h/image/3"
    )
    text = panel._text
    qtbot.waitUntil(lambda: text.document().idealWidth() <= text.viewport().width())
    qtbot.waitUntil(lambda: text.height() >= text.document().size().height())
    assert text.width() <= panel._area.viewport().width()
    assert text.toPlainText().rstrip().endswith("END")
    low = text.height()
    panel.resize(600, 400)
    qtbot.waitUntil(lambda: text.height() < low)


def test_a_name_in_html_is_shown_as_it_is(qtbot: QtBot) -> None:
    panel = DetailsPanel()
    qtbot.addWidget(panel)
    panel.resize(400, 400)
    panel.show_details(Details("image", 3, "<b>x</b>\nsecond"), "omero://h/image/3")
    assert panel._name.text() == "<b>x</b> ↵ second"
