"""The command line of the sandbox, but for serving."""

from __future__ import annotations

import importlib

import pytest

from napari_omero_io.__main__ import _VERBS, main
from napari_omero_io.sandbox.command import default_folder
from napari_omero_io.sandbox.coverage import list_operations
from napari_omero_io.sandbox.folder import claim


def test_help_lists_the_verbs(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for verb in ("demo", "open", "sandbox", "doctor"):
        assert f"  {verb} " in text


@pytest.mark.parametrize("verb", _VERBS)
def test_behind_every_verb_is_a_function(verb) -> None:
    module, _, name = _VERBS[verb][0].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("words", [[], ["no-such-verb"], ["sandbox", "no-such-verb"]])
def test_what_is_no_verb_is_refused(words, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("latency", ["-1", "x", "100000000"])
def test_a_delay_is_a_number_of_milliseconds(latency, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["sandbox", "serve", "--latency", latency])
    assert "--latency" in capsys.readouterr().err


def test_coverage_counts_every_operation(capsys) -> None:
    assert main(["sandbox", "coverage"]) == 0
    text = capsys.readouterr().out
    done = sum(one.is_done for one in list_operations())
    assert f"{done} of {len(list_operations())} operations are done" in text
    refused = next(one for one in list_operations() if not one.is_done)
    assert f"{refused.interface}.{refused.name} is not available" in text


def test_reset_deletes_what_a_server_made_and_nothing_else(
    tmp_path, capsys, monkeypatch
) -> None:
    (tmp_path / "metadata.sqlite").write_text("x")
    (tmp_path / "pixels" / "1").mkdir(parents=True)
    (tmp_path / "letter.txt").write_text("mine")
    reset = ["sandbox", "reset", "--data", str(tmp_path)]
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    assert main(reset) == 1
    assert (tmp_path / "pixels").exists()
    monkeypatch.setattr("builtins.input", lambda _question: "yes")
    assert main(reset) == 0
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"letter.txt", "server.lock"}
    assert "letter.txt" in left
    assert main([*reset, "--yes"]) == 0
    assert "There is nothing" in capsys.readouterr().out


def test_reset_spares_a_running_server(tmp_path, capsys) -> None:
    (tmp_path / "metadata.sqlite").write_text("x")
    with claim(tmp_path):
        assert main(["sandbox", "reset", "--yes", "--data", str(tmp_path)]) == 1
    assert "Another sandbox is using" in capsys.readouterr().err
    assert (tmp_path / "metadata.sqlite").exists()


def test_data_are_kept_where_the_system_keeps_them() -> None:
    assert default_folder().parts[-2:] == ("napari-omero-io", "sandbox")
