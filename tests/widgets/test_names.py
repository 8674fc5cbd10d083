"""Names that would like to be something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt

from napari_omero_io.widgets.names import NameLabel, write_line


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("cells 7.tif", "cells 7.tif"),
        ("صورة", "صورة"),
        ("👩\u200d🔬 e\u0301", "👩\u200d🔬 e\u0301"),
        ("first\r\n second\tthird", "first ↵ second third"),
        ("a\u2028b\x85c", "a ↵ b ↵ c"),
        ("harmless \u202egpj.exe", "harmless \ufffdgpj.exe"),
        ("\x1b[31mred\x07\x7f", "\ufffd[31mred\ufffd\ufffd"),
        ("<b>x</b> & %s", "<b>x</b> & %s"),
    ],
)
def test_a_name_is_one_line_that_hides_nothing(name: str, line: str) -> None:
    assert write_line(name) == line


@given(st.text())
def test_any_name_is_one_line(name: str) -> None:
    line = write_line(name)
    assert len(line.splitlines()) <= 1
    assert write_line(line) == line


def test_a_label_takes_no_name_for_html(qtbot: QtBot) -> None:
    label = NameLabel()
    qtbot.addWidget(label)
    label.show_name("<b>bold</b> <img src='x'>")
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == "<b>bold</b> <img src='x'>"
    assert "&lt;b&gt;" in label.toolTip()
