"""What the desktop is told, so that it opens our links."""

from __future__ import annotations

import configparser
import contextlib
import copy
import importlib
import json
import plistlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

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
    assert not find_defaults().exists()
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


class Registry:
    """What `winreg` does with texts below HKEY_CURRENT_USER.

    Keys are found whatever their case, a key is made with those above it, and one that
    has keys below it cannot be deleted.
    """

    HKEY_CURRENT_USER = "HKCU"
    REG_SZ = 1

    def __init__(self):
        self.keys = {"software": {}, "software\\classes": {}}

    @contextlib.contextmanager
    def CreateKey(self, root, name):
        assert root == self.HKEY_CURRENT_USER
        parts = name.lower().split("\\")
        for end in range(1, len(parts) + 1):
            self.keys.setdefault("\\".join(parts[:end]), {})
        yield self.keys[name.lower()]

    @contextlib.contextmanager
    def OpenKey(self, root, name):
        if name.lower() not in self.keys:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        yield self.keys[name.lower()]

    def SetValueEx(self, key, name, reserved, kind, value):
        assert (reserved, kind) == (0, self.REG_SZ)
        key[name] = value

    def QueryValueEx(self, key, name):
        if name not in key:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        return key[name], self.REG_SZ

    def DeleteKey(self, root, name):
        if name.lower() not in self.keys:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        if any(key.startswith(f"{name.lower()}\\") for key in self.keys):
            raise PermissionError(13, "Access is denied")
        del self.keys[name.lower()]


@pytest.fixture
def registry(monkeypatch):
    """Load the module as Windows does, which has a registry."""
    registry = Registry()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "winreg", registry)
        patch.setattr(sys, "platform", "win32")
        importlib.reload(desktop)
        yield registry
    importlib.reload(desktop)


def test_windows_is_registered_and_left_as_it_was(registry, capsys):
    with registry.CreateKey("HKCU", r"Software\Classes\mailto") as other:
        other[""] = "URL:MailTo"
    before = copy.deepcopy(registry.keys)
    assert desktop.main(["--check"]) == 1
    assert desktop.main([]) == 0
    assert desktop.main([]) == 0  # again
    assert desktop.main(["--check"]) == 0
    assert not desktop.is_registered((r"C:\another\python.exe",))
    assert registry.keys[r"software\classes\omero+wss"]["URL Protocol"] == ""
    assert desktop.main_unregister([]) == 0
    assert registry.keys == before
    assert desktop.main_unregister([]) == 0  # there is nothing left, and no error
    assert "do not open in napari any more" in capsys.readouterr().out


class Mac:
    """Does what the commands do: `osacompile` makes an applet, `plutil` changes it."""

    def __init__(self):
        self.script = ""
        self.known = set()
        self.signed_with = None

    def run(self, command, check):
        program, *words = command
        getattr(self, "do_" + program.rpartition("/")[2])(*words)

    def do_osacompile(self, option, applet, option2, script):
        assert (option, option2) == ("-o", "-e")
        self.script = script
        contents = Path(applet) / "Contents"
        contents.mkdir(parents=True, exist_ok=True)
        made = {"CFBundleExecutable": "applet", "CFBundleName": "OMERO links"}
        (contents / "Info.plist").write_bytes(plistlib.dumps(made))

    def do_plutil(self, verb, key, kind, text, file):
        assert verb == "-replace"
        value = {
            "-string": str,
            "-json": json.loads,
            "-bool": {"YES": True, "NO": False}.__getitem__,
        }[kind](text)
        properties = plistlib.loads(Path(file).read_bytes()) | {key: value}
        Path(file).write_bytes(plistlib.dumps(properties))

    def do_codesign(self, force, sign, identity, applet):
        assert (force, sign, identity) == ("--force", "--sign", "-")
        self.signed_with = (Path(applet) / "Contents" / "Info.plist").read_bytes()

    def do_lsregister(self, option, applet):
        assert Path(applet).is_dir()
        self.known = self.known | {applet} if option == "-f" else self.known - {applet}


def test_macos_is_registered_and_left_as_it_was(home, monkeypatch, capsys):
    mac = Mac()
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", mac.run)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main([]) == 0  # again
    assert main(["--check"]) == 0
    (applet,) = mac.known
    file = Path(applet) / "Contents" / "Info.plist"
    assert mac.signed_with == file.read_bytes()  # nothing is changed afterwards
    properties = plistlib.loads(file.read_bytes())
    assert properties["CFBundleExecutable"] == "applet"
    assert properties["LSUIElement"] is True
    (kinds,) = properties["CFBundleURLTypes"]
    assert kinds["CFBundleURLSchemes"] == list(desktop.SCHEMES)
    assert main_unregister([]) == 0
    assert not mac.known
    assert [path.name for path in home.rglob("*")] == ["Applications"]
    assert main_unregister([]) == 0
    capsys.readouterr()
