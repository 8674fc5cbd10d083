"""What the README tells a user to type in Python is typed here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from napari_omero_io import Sandbox

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def find_block(word: str) -> str:
    (block,) = (block for block in BLOCKS if word in block)
    return block


def test_the_sandbox_serves_a_foreign_client(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exec(find_block("Sandbox("), {})
    assert "Colon, stained" in capsys.readouterr().out


def test_images_are_read_without_a_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(tmp_path / "data", seed="demo") as sandbox:
        address = f"{sandbox.host}:{sandbox.port}"
        block = find_block("napari_omero_io.connect(")
        for said, meant in (
            (
                '"omero.example.org", "me", "my password"',
                f'"{address}", "demo", "omero"',
            ),
            ("image/314", "image/1"),
        ):
            assert said in block
            block = block.replace(said, meant)
        exec(block, {})
    assert "project 1 napari-omero-io demo" in capsys.readouterr().out
