"""The page of the documentation says what the code does."""

from __future__ import annotations

from pathlib import Path

from napari_omero_io.sandbox.command import main

PAGE = Path(__file__).parents[3] / "docs" / "coverage.md"


def test_the_page_is_current(capsys):
    assert main(["coverage", "--markdown"]) == 0
    printed = capsys.readouterr().out
    assert PAGE.read_text(encoding="utf-8") == printed, (
        "write it anew: napari-omero-io sandbox coverage --markdown > docs/coverage.md"
    )
