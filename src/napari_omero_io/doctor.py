"""What this machine lacks, and the exact line to type.

Runs with Python's standard library alone: it is asked when nothing else works yet.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

ICE_VERSION = "3.6.5"

_GLENCOE = "https://github.com/glencoesoftware"
#: Ready wheels of Ice that Glencoe Software builds for OMERO, for Python 3.11 and
#: 3.12: system and machine, then repository, release and the end of the file name.
_ICE_WHEELS = {
    ("Linux", "x86_64"): ("linux-x86_64", "20240202", "manylinux_2_28_x86_64"),
    ("Linux", "aarch64"): ("linux-aarch64", "20240620", "manylinux_2_28_aarch64"),
    ("Darwin", "x86_64"): ("macos-universal2", "20240131", "macosx_11_0_universal2"),
    ("Darwin", "arm64"): ("macos-universal2", "20240131", "macosx_11_0_universal2"),
    ("Windows", "AMD64"): ("win-x86_64", "20240325", "win_amd64"),
}
_ICE_PYTHONS = ((3, 11), (3, 12))
_QT_BINDINGS = ("PyQt6", "PyQt5", "PySide6", "PySide2")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    remedy
        The line to type, or the sentence to follow, where something is missing.
    """

    name: str
    is_fine: bool
    says: str
    remedy: str = ""


def find_ice_wheel(
    system: str, machine: str, python: tuple[int, int], libc: str = "glibc"
) -> str | None:
    """Give the address of a ready wheel of Ice, or None where there is none.

    Parameters
    ----------
    system, machine
        As `platform.system` and `platform.machine` name them.
    libc
        The wheels for Linux need glibc.
    """
    known = _ICE_WHEELS.get((system, machine))
    if known is None or python not in _ICE_PYTHONS:
        return None
    if system == "Linux" and libc != "glibc":
        return None
    repository, release, tag = known
    cpython = f"cp{python[0]}{python[1]}"
    return (
        f"{_GLENCOE}/zeroc-ice-py-{repository}/releases/download/{release}/"
        f"zeroc_ice-{ICE_VERSION}-{cpython}-{cpython}-{tag}.whl"
    )


def find_wheel_for_this_machine() -> str | None:
    """Give the address of the wheel of Ice for the Python that runs this."""
    return find_ice_wheel(
        platform.system(),
        platform.machine(),
        sys.version_info[:2],
        platform.libc_ver()[0] or "glibc",
    )


def explain_ice() -> str:
    """Say how Ice gets onto this machine, as one sentence for a user."""
    return f"OMERO speaks Ice {ICE_VERSION}, which is not installed. {_ice_remedy()}"


def _ice_remedy() -> str:
    conda = Path(sys.prefix, "conda-meta").is_dir()
    if conda and sys.version_info[:2] <= _ICE_PYTHONS[-1]:
        return f"Type: conda install -c conda-forge zeroc-ice={ICE_VERSION} omero-py"
    wheel = find_wheel_for_this_machine()
    if wheel is not None:
        return f"Type: {_pip()} {wheel}"
    if sys.version_info[:2] not in _ICE_PYTHONS:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return (
            f"There is no Ice {ICE_VERSION} for Python {version}: make an environment "
            "with Python 3.12 and install napari-omero-io there."
        )
    return (
        "There is no ready Ice for this kind of machine: take the source of "
        "napari-omero-io and type: scripts/install, which builds it."
    )


def _pip() -> str:
    python = sys.executable or "python"
    return f'"{python}" -m pip install' if " " in python else f"{python} -m pip install"


def examine() -> list[Finding]:
    """Look at all that the program needs."""
    return [
        _examine_python(),
        _examine_ice(),
        _examine_package("omero-py", f"{_pip()} omero-py"),
        _examine_package("napari", f"{_pip()} napari"),
        _examine_qt(),
        _examine_display(),
    ]


def _examine_python() -> Finding:
    version = platform.python_version()
    if sys.version_info[:2] in _ICE_PYTHONS:
        return Finding("Python", True, version)
    return Finding(
        "Python",
        False,
        f"{version}; Ice {ICE_VERSION} exists for 3.11 and 3.12",
        "Make an environment with Python 3.12.",
    )


def _examine_ice() -> Finding:
    try:
        import Ice
    except ImportError as error:
        return Finding("Ice", False, f"not installed ({error})", _ice_remedy())
    version = str(Ice.stringVersion())
    # OMERO's generated code refuses any other minor version.
    if version.split(".")[:2] == ICE_VERSION.split(".")[:2]:
        return Finding("Ice", True, version)
    says = f"{version} is installed, OMERO needs {ICE_VERSION}"
    return Finding("Ice", False, says, _ice_remedy())


def _examine_package(name: str, remedy: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", f"Type: {remedy}")


def _examine_qt() -> Finding:
    found = [name for name in _QT_BINDINGS if importlib.util.find_spec(name)]
    if found:
        return Finding("Qt", True, ", ".join(found))
    return Finding("Qt", False, "no binding is installed", f"Type: {_pip()} PyQt5")


def _examine_display() -> Finding:
    if platform.system() != "Linux":
        return Finding("Display", True, platform.system())
    for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(variable):
            return Finding("Display", True, f"{variable}={os.environ[variable]}")
    return Finding(
        "Display",
        False,
        "no screen: neither DISPLAY nor WAYLAND_DISPLAY is set",
        'Type before the command: xvfb-run -a -s "-screen 0 1600x1100x24"',
    )


def write_report(findings: list[Finding]) -> str:
    """Write the findings as lines for a terminal."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        mark = "ok     " if finding.is_fine else "MISSING"
        lines.append(f"{mark}  {finding.name:<{width}}  {finding.says}")
        if not finding.is_fine:
            lines.append(f"{'':{width + 11}}{finding.remedy}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run ``napari-omero-io doctor``; 0 when nothing is missing."""
    parser = argparse.ArgumentParser(
        prog="napari-omero-io doctor",
        description="Say what this machine lacks, and the exact line to type.",
    )
    parser.add_argument(
        "--ice-wheel",
        action="store_true",
        help="print only the address of a ready wheel of Ice for this Python",
    )
    options = parser.parse_args(arguments)
    if options.ice_wheel:
        wheel = find_wheel_for_this_machine()
        if wheel is None:
            print("doctor: no ready wheel for this machine", file=sys.stderr)
            return 1
        print(wheel)
        return 0
    findings = examine()
    print(write_report(findings))
    return 0 if all(finding.is_fine for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
