r"""``napari-omero-io register``: the desktop opens ``omero://`` links with napari.

What has to be written is decided by pure functions, one for each kind of desktop, and
then carried out; nothing needs more rights than the user has.

* Linux and its like: a desktop entry in the user's applications, and the user's
  ``mimeapps.list`` (freedesktop.org's Desktop Entry and MIME Applications
  specifications), which is what ``xdg-mime default`` writes.
* macOS hands a link to an application as an Apple event, so it takes an applet whose
  ``open location`` handler starts the program.
* Windows looks below ``HKEY_CURRENT_USER\Software\Classes``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The schemes of our links; see `refs.reference`.
SCHEMES = ("omero", "omero+ssl", "omero+tcp", "omero+ws", "omero+wss")
_ENTRY = "napari-omero-io-links.desktop"
_APPLET = "OMERO links.app"
_IDENTIFIER = "io.github.napari-omero-io.links"
_REGISTRAR = (
    "/System/Library/Frameworks/CoreServices.framework/Frameworks"
    "/LaunchServices.framework/Support/lsregister"
)
#: Key of the Windows registry below which schemes are looked for.
_CLASSES = "Software\\Classes"
_DEFAULTS = "[Default Applications]"


@dataclass(frozen=True, slots=True)
class RegistryValue:
    """A text below HKEY_CURRENT_USER; '' names the key's own value."""

    key: str
    name: str
    value: str


def find_program() -> tuple[str, ...]:
    """Give the words that open a link, which follows them."""
    python = Path(sys.executable)
    windowless = python.with_name("pythonw.exe")
    if os.name == "nt" and windowless.exists():
        python = windowless  # the other would show a console beside napari
    # -P: the folder in which a browser happens to be is no place to import from
    return (str(python), "-P", "-m", "napari_omero_io", "open")


# -- Linux ---------------------------------------------------------------------------


def write_entry(program: Sequence[str]) -> str:
    """Write the desktop entry of the program that opens links."""
    kinds = "".join(f"x-scheme-handler/{scheme};" for scheme in SCHEMES)
    command = " ".join(_quote(word) for word in program)
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=napari (OMERO links)\n"
        "Comment=Open images of an OMERO server in napari\n"
        f"Exec={command} %u\n"
        "Terminal=false\n"
        "NoDisplay=true\n"
        f"MimeType={kinds}\n"
    )


def _quote(word: str) -> str:
    """Quote an argument of an Exec line, whose backslashes are read twice."""
    word = word.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./-]+", word):
        return word
    inside = re.sub(r'(["`$\\])', r"\\\1", word)
    return '"' + inside.replace("\\", "\\\\") + '"'


def add_defaults(text: str) -> str:
    """Make the entry the default for our schemes in the text of mimeapps.list."""
    lines = remove_defaults(text).splitlines()
    if _DEFAULTS not in lines:
        lines += ["", _DEFAULTS] if lines else [_DEFAULTS]
    place = lines.index(_DEFAULTS) + 1
    ours = [f"x-scheme-handler/{scheme}={_ENTRY};" for scheme in SCHEMES]
    return "\n".join([*lines[:place], *ours, *lines[place:]]) + "\n"


def remove_defaults(text: str) -> str:
    """Take the entry out of the text of mimeapps.list; all else stays as it is."""
    lines = []
    for line in text.splitlines():
        kind, separator, entries = line.partition("=")
        kept = [entry for entry in entries.split(";") if entry and entry != _ENTRY]
        if not separator or _ENTRY not in entries.split(";"):
            lines.append(line)
        elif kept:
            lines.append(f"{kind}={';'.join(kept)};")
    return "\n".join(lines) + "\n" if lines else ""


def find_entry() -> Path:
    """Say where the desktop entry is, whether or not it exists."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "applications" / _ENTRY


def find_defaults() -> Path:
    """Say where the user's mimeapps.list is, whether or not it exists."""
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "mimeapps.list"


def _register_linux(program: Sequence[str]) -> None:
    entry, defaults = find_entry(), find_defaults()
    entry.parent.mkdir(parents=True, exist_ok=True)
    entry.write_text(write_entry(program), encoding="utf-8")
    defaults.parent.mkdir(parents=True, exist_ok=True)
    defaults.write_text(add_defaults(_read(defaults)), encoding="utf-8")
    _refresh_database(entry.parent)


def _unregister_linux() -> None:
    entry, defaults = find_entry(), find_defaults()
    entry.unlink(missing_ok=True)
    before = _read(defaults)
    after = remove_defaults(before)
    if after != before and after.strip() == _DEFAULTS:
        defaults.unlink()  # it held nothing else
    elif after != before:
        defaults.write_text(after, encoding="utf-8")
    if entry.parent.is_dir():
        _refresh_database(entry.parent)


def _check_linux(program: Sequence[str]) -> bool:
    wanted = f"x-scheme-handler/{SCHEMES[0]}={_ENTRY};"
    is_default = wanted in _read(find_defaults()).splitlines()
    return is_default and _read(find_entry()) == write_entry(program)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _refresh_database(folder: Path) -> None:
    """Let desktops that keep an index of entries know; those without need nothing."""
    if shutil.which("update-desktop-database"):
        subprocess.run(["update-desktop-database", str(folder)], check=False)


# -- macOS ---------------------------------------------------------------------------


def write_applet_commands(program: Sequence[str], folder: Path) -> list[list[str]]:
    """Give the commands that make the applet and tell macOS of it."""
    applet = folder / _APPLET
    plist = str(applet / "Contents" / "Info.plist")
    words = " & space & ".join(f"quoted form of {_applescript(w)}" for w in program)
    script = (
        "on open location theLink\n"
        f"  do shell script {words} & space & quoted form of theLink"
        ' & " > /dev/null 2>&1 &"\n'
        "end open location"
    )
    kinds = [{"CFBundleURLName": _IDENTIFIER, "CFBundleURLSchemes": list(SCHEMES)}]
    change = ["plutil", "-replace"]
    return [
        ["osacompile", "-o", str(applet), "-e", script],
        [*change, "CFBundleIdentifier", "-string", _IDENTIFIER, plist],
        [*change, "CFBundleURLTypes", "-json", json.dumps(kinds), plist],
        [*change, "LSUIElement", "-bool", "YES", plist],
        # its properties were changed after it was signed
        ["codesign", "--force", "--sign", "-", str(applet)],
        [_REGISTRAR, "-f", str(applet)],
    ]


def _applescript(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _applets() -> Path:
    return Path.home() / "Applications"


def _register_macos(program: Sequence[str]) -> None:
    _applets().mkdir(exist_ok=True)
    for command in write_applet_commands(program, _applets()):
        subprocess.run(command, check=True)


def _unregister_macos() -> None:
    applet = _applets() / _APPLET
    if applet.exists():
        subprocess.run([_REGISTRAR, "-u", str(applet)], check=False)
        shutil.rmtree(applet)


def _check_macos(program: Sequence[str]) -> bool:
    del program  # it is compiled into the applet
    return (_applets() / _APPLET).exists()


# -- Windows -------------------------------------------------------------------------


def write_registry(program: Sequence[str]) -> list[RegistryValue]:
    """Give what Windows must find below HKEY_CURRENT_USER."""
    command = subprocess.list2cmdline(program) + ' "%1"'
    values = []
    for scheme in SCHEMES:
        key = f"{_CLASSES}\\{scheme}"
        values += [
            RegistryValue(key, "", "URL:OMERO link"),
            RegistryValue(key, "URL Protocol", ""),
            RegistryValue(f"{key}\\shell\\open\\command", "", command),
        ]
    return values


def list_registry_keys() -> list[str]:
    """Give the keys that unregistering removes, inner ones first."""
    ends = ("\\shell\\open\\command", "\\shell\\open", "\\shell", "")
    return [f"{_CLASSES}\\{scheme}{end}" for scheme in SCHEMES for end in ends]


if sys.platform == "win32":
    import winreg

    def _register_windows(program: Sequence[str]) -> None:
        for each in write_registry(program):
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, each.key) as key:
                winreg.SetValueEx(key, each.name, 0, winreg.REG_SZ, each.value)

    def _unregister_windows() -> None:
        for name in list_registry_keys():
            try:
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, name)
            except FileNotFoundError:
                continue

    def _check_windows(program: Sequence[str]) -> bool:
        for each in write_registry(program):
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, each.key) as key:
                    if winreg.QueryValueEx(key, each.name)[0] != each.value:
                        return False
            except FileNotFoundError:
                return False
        return True


# -- this machine --------------------------------------------------------------------


def register(program: Sequence[str] | None = None) -> None:
    """Let the desktop open our links with a program; None for this one.

    Raises
    ------
    OSError
        Something cannot be written.
    subprocess.CalledProcessError
        macOS refused.
    """
    program = find_program() if program is None else program
    if sys.platform == "win32":
        _register_windows(program)
    elif sys.platform == "darwin":
        _register_macos(program)
    else:
        _register_linux(program)


def unregister() -> None:
    """Undo `register`; harmless where nothing was registered."""
    if sys.platform == "win32":
        _unregister_windows()
    elif sys.platform == "darwin":
        _unregister_macos()
    else:
        _unregister_linux()


def is_registered(program: Sequence[str] | None = None) -> bool:
    """Whether the desktop opens our links with this program."""
    program = find_program() if program is None else program
    if sys.platform == "win32":
        return _check_windows(program)
    if sys.platform == "darwin":
        return _check_macos(program)
    return _check_linux(program)


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out ``napari-omero-io register``."""
    parser = argparse.ArgumentParser(
        prog="napari-omero-io register",
        description="Let this desktop open omero:// links with napari.",
    )
    parser.add_argument(
        "--check", action="store_true", help="only say whether it does; status 1 if not"
    )
    if parser.parse_args(argv).check:
        return _tell_state()
    try:
        register()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"Links cannot be registered: {error}", file=sys.stderr)
        return 1
    print("omero:// links open in napari now. “unregister” undoes it.")
    return 0


def main_unregister(argv: Sequence[str] | None = None) -> int:
    """Carry out ``napari-omero-io unregister``."""
    argparse.ArgumentParser(
        prog="napari-omero-io unregister",
        description="Let omero:// links no longer open in napari.",
    ).parse_args(argv)
    try:
        unregister()
    except OSError as error:
        print(f"Links cannot be unregistered: {error}", file=sys.stderr)
        return 1
    print("omero:// links do not open in napari any more.")
    return 0


def _tell_state() -> int:
    if is_registered():
        print("omero:// links open with this napari.")
        return 0
    print("omero:// links do not open with this napari: napari-omero-io register")
    return 1
