"""What the desktop is told, so that it opens our links."""

from __future__ import annotations

import configparser
import json
import shlex
import shutil
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io import desktop
from napari_omero_io.desktop import (
    add_defaults,
    find_defaults,
    find_entry,
    is_registered,
    list_registry_keys,
    main,
    main_unregister,
    register,
    remove_defaults,
    unregister,
    write_applet_commands,
    write_entry,
    write_registry,
)

PROGRAM = ("/opt/my tools/100%/python", "-m", "napari_omero_io", "open")
linux = pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="the desktops of Linux"
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Give an empty home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_DATA_DIRS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


# -- Linux ---------------------------------------------------------------------------


@linux
def test_an_empty_home_is_registered_and_left_empty(home):
    assert not is_registered(PROGRAM)
    register(PROGRAM)
    assert is_registered(PROGRAM)
    assert not is_registered(("/another/python", *PROGRAM[1:]))
    assert find_entry().is_relative_to(home)
    register(PROGRAM)  # again: nothing is there twice
    assert find_defaults().read_text().count("x-scheme-handler/omero=") == 1
    unregister()
    assert not is_registered(PROGRAM)
    assert not find_entry().exists()
    unregister()


@linux
def test_the_desktop_itself_finds_the_entry(home):
    if shutil.which("xdg-mime") is None:
        pytest.skip("xdg-utils are not installed")
    register(PROGRAM)
    asked = subprocess.run(
        ["xdg-mime", "query", "default", "x-scheme-handler/omero"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == find_entry().name


@linux
def test_the_command_registers_checks_and_undoes(home, capsys):
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0
    assert main_unregister([]) == 0
    assert main(["--check"]) == 1
    assert "do not open with this napari" in capsys.readouterr().out


@linux
def test_a_folder_that_cannot_be_written_is_one_sentence(home, capsys):
    (home / ".local").write_text("in the way")
    assert main([]) == 1
    assert "Links cannot be registered" in capsys.readouterr().err


def test_the_entry_is_one():
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read_string(write_entry(PROGRAM))
    entry = parser["Desktop Entry"]
    assert "x-scheme-handler/omero;" in entry["MimeType"]
    assert "x-scheme-handler/omero+wss;" in entry["MimeType"]
    command = entry["Exec"].replace("\\\\", "\\").replace("%%", "%")
    assert shlex.split(command) == [*PROGRAM, "%u"]


lines = st.sampled_from(
    [
        "[Default Applications]",
        "[Added Associations]",
        "text/plain=org.gnome.gedit.desktop;",
        "x-scheme-handler/https=firefox.desktop;",
        "# mine",
        "",
    ]
)


@given(st.lists(lines, max_size=8))
def test_all_else_in_the_list_of_defaults_stays(before):
    text = "".join(f"{line}\n" for line in before)
    added = add_defaults(text)
    assert add_defaults(added) == added
    left = remove_defaults(added).splitlines()
    kept = [line for line in left if line and line != desktop._DEFAULTS]
    assert kept == [line for line in before if line and line != desktop._DEFAULTS]


def test_another_default_is_kept_behind_ours():
    text = "[Default Applications]\nx-scheme-handler/omero=insight.desktop;\n"
    added = add_defaults(text)
    assert added.index(desktop._ENTRY) < added.index("insight.desktop")
    assert remove_defaults(added) == text


# -- macOS and Windows: what would be done, not run here -------------------------------


def test_macos_gets_an_applet_that_hands_the_link_on(tmp_path):
    commands = write_applet_commands(PROGRAM, tmp_path)
    assert [command[0].rpartition("/")[2] for command in commands] == [
        *("osacompile", "plutil", "plutil", "plutil", "codesign", "lsregister")
    ]
    script = commands[0][-1]
    assert script.startswith("on open location theLink")
    assert '"/opt/my tools/100%/python"' in script
    assert "quoted form of theLink" in script
    (kinds,) = json.loads(commands[2][-2])
    assert kinds["CFBundleURLSchemes"][0] == "omero"


def test_windows_gets_a_command_for_each_scheme():
    values = {
        (each.key, each.name): each.value
        for each in write_registry((r"C:\my tools\pythonw.exe", *PROGRAM[1:]))
    }
    key = r"Software\Classes\omero"
    assert (key, "URL Protocol") in values
    command = values[key + r"\shell\open\command", ""]
    assert command == r'"C:\my tools\pythonw.exe" -m napari_omero_io open "%1"'
    removed = list_registry_keys()
    assert {each for each, _ in values} <= set(removed)
    assert removed.index(key + r"\shell\open\command") < removed.index(key)
