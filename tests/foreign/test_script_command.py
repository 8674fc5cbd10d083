"""``omero script``, of the command line that comes with omero-py, unmodified."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from omero.cli import CLI

from napari_omero_io import Sandbox

# The client's own code, which nobody here can change.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::SyntaxWarning"),
]

SCRIPT = """
import omero.scripts as scripts
from omero.rtypes import rlong

client = scripts.client(
    "Add_Up.py",
    "Adds two numbers.",
    scripts.Long("A", optional=False, description="the first"),
    scripts.Long("B", default=5, min=0, max=10),
    scripts.List("IDs").ofType(rlong(0)),
    version="{version}",
)
values = client.getInputs(unwrap=True)
print("adding", values["A"], values["B"], values.get("IDs"))
client.setOutput("Sum", rlong(values["A"] + values["B"]))
"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "util_scripts").mkdir()
    (folder / "util_scripts" / "Add_Up.py").write_text(SCRIPT.format(version="1.0"))
    with Sandbox(scripts=folder) as running:
        yield running


@pytest.fixture
def omero(
    runner: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    """Run ``omero …`` in this process and return all it says."""
    monkeypatch.setenv("OMERO_USERDIR", str(tmp_path))
    monkeypatch.setenv("OMERO_SESSIONDIR", str(tmp_path / "sessions"))

    def run(*words: str, code: int = 0) -> str:
        cli = CLI()
        cli.loadplugins()
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                cli.invoke(list(words), strict=False)
            finally:
                cli.close()
        assert cli.rv == code, f"{words}: {said.getvalue()}"
        return said.getvalue()

    server = f"{runner.host}:{runner.port}"
    run("login", "-C", "-s", server, "-u", "root", "-w", "omero")
    yield run
    run("logout")


def id_in(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]


def test_official_scripts(omero: Callable[..., str]) -> None:
    listed = omero("script", "list")
    assert "Official scripts" in listed
    script_id = id_in(r"(\d+)\s*\| /util_scripts/Add_Up\.py", listed)
    told = omero("script", "params", "/util_scripts/Add_Up.py")
    for line in (f"id:  {script_id}", "version:  1.0", "Type: ::omero::RLong"):
        assert line in told
    said = omero("script", "launch", script_id, "A=3", "IDs=1,2")
    assert "Callback received: FINISHED" in said
    assert "* adding 3 5 [1, 2]" in said
    assert "* Sum=8" in said
    said = omero("script", "launch", script_id, "A=3", "B=11")
    assert "Bad parameters" in said
    assert "11 is above max 10" in said
    assert "Finished" in omero("script", "jobs", "--all")


def test_a_script_of_ones_own(omero: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "Add_Up.py"
    file.write_text(SCRIPT.format(version="2.0"))
    script_id = id_in(r"OriginalFile:(\d+)", omero("script", "upload", str(file)))
    assert "Add_Up.py" in omero("script", "list", "user")
    assert 'version="2.0"' in omero("script", "cat", script_id)
    assert "* Sum=3" in omero("script", "launch", script_id, "A=1", "B=2")
    file.write_text(SCRIPT.format(version="3.0"))
    omero("script", "replace", script_id, str(file))
    assert "version:  3.0" in omero("script", "params", script_id)
    omero("script", "disable", script_id)
    assert "Add_Up.py" not in omero("script", "list", "user")
    omero("script", "enable", script_id)
    assert "Add_Up.py" in omero("script", "list", "user")
    omero("script", "delete", script_id)
    assert "Add_Up.py" not in omero("script", "list", "user")


def test_a_new_official_script(omero: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "Official.py"
    file.write_text(SCRIPT.format(version="4.0"))
    omero("script", "upload", "--official", str(file))
    assert "Official.py" in omero("script", "list")
    again = omero("script", "upload", "--official", str(file), code=502)
    assert "already exists; use 'replace' instead" in again
