"""The Python environment that OMERO.web runs in, made on first use and kept.

It is one of its own: OMERO.web wants a Django of a certain age, which is nobody
else's business.  Ice, which has no wheel on PyPI, comes from the Python that runs
this program, which has it.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from napari_omero_io.doctor import ICE_VERSION, find_wheel_for_this_machine
from napari_omero_io.sandbox.errors import ResourceFault

from .settings import write_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What is installed from PyPI, at versions the sandbox was tried with.
PACKAGES = ("omero-web==5.33.2", "omero-iviewer==0.19.1")
#: Names another place for the environment: a folder that is made if it is missing.
FOLDER_VARIABLE = "NAPARI_OMERO_IO_WEB"

#: Written last: an environment without it was not finished.
_STAMP = "complete"


def find_folder() -> Path:
    """Return where the environment for these versions is, or will be."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    cache = platformdirs.user_cache_path("napari-omero-io", appauthor=False)
    return cache / "web" / _key()


def is_ready(folder: Path) -> bool:
    """Say whether a folder holds an environment that was finished, for this Python."""
    try:
        return (folder / _STAMP).read_text(encoding="utf-8") == _key()
    except OSError:
        return False


def prepare(folder: Path) -> None:
    """Make the environment, unless it is there; takes half a minute and a network.

    It is made beside the folder and moved there when it is whole, so that neither an
    interruption nor another program that does the same leaves a broken one.

    Raises
    ------
    ResourceFault
        It cannot be made; says what failed and what to do.
    """
    if is_ready(folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{folder.name}-", dir=folder.parent, ignore_cleanup_errors=True
    ) as name:
        made = Path(name) / "environment"
        _make(made)
        (made / _STAMP).write_text(_key(), encoding="utf-8")
        if folder.exists() and not is_ready(folder):
            if any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
                raise ResourceFault(
                    f"{folder} holds something else; name an empty folder in "
                    f"{FOLDER_VARIABLE} for the environment of OMERO.web."
                )
            shutil.rmtree(folder)
        if not is_ready(folder):  # nobody else was faster
            made.rename(folder)


def python_of(folder: Path) -> Path:
    """Return the interpreter of an environment."""
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    return folder / inside


def static_files_of(folder: Path) -> Path:
    """Return where an environment keeps scripts, styles and icons of the pages."""
    return folder / "static"


def clean_variables() -> dict[str, str]:
    """Return this process's environment variables without those that lead astray."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "OMERO", "DJANGO", "GUNICORN"))
    }


def _key() -> str:
    """Name what an environment depends on; it has to be made anew for another."""
    names = [package.replace("==", "-") for package in PACKAGES]
    python = f"python-{sys.version_info[0]}.{sys.version_info[1]}"
    return "_".join([*names, _omero_py().replace("==", "-"), python])


def _omero_py() -> str:
    return f"omero-py=={importlib.metadata.version('omero-py')}"


def _make(folder: Path) -> None:
    try:
        venv.EnvBuilder(with_pip=True, symlinks=sys.platform != "win32").create(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ResourceFault(
            "The environment for OMERO.web could not be made: Python's modules venv "
            "and ensurepip are needed (on Debian: apt-get install python3-venv). "
            f"{error}"
        ) from error
    _bring_ice(folder)
    failure = _install(folder, [*PACKAGES, _omero_py()])
    if failure:
        raise ResourceFault(
            "OMERO.web could not be installed; it comes from PyPI, so a network is "
            f"needed the first time. pip said: {failure}"
        )
    _collect_static_files(folder)


def _bring_ice(folder: Path) -> None:
    """Get Ice into an environment: as it is installed here, else as a ready wheel."""
    _copy_ice(folder)
    if _has_ice(folder):
        return
    wheels = platformdirs.user_cache_path("napari-omero-io", appauthor=False) / "wheels"
    _install(
        *(folder, [f"zeroc-ice=={ICE_VERSION}", "--no-deps", "--force-reinstall"]),
        *("--no-index", *(f"--find-links={recipe}" for recipe in wheels.glob("*/"))),
    )
    if _has_ice(folder):
        return
    ready = find_wheel_for_this_machine()
    failure = (
        _install(folder, [ready, "--no-deps", "--force-reinstall"])
        if ready
        else "there is no ready wheel for this machine"
    )
    if not _has_ice(folder):
        raise ResourceFault(
            f"Ice {ICE_VERSION} could not be brought into the environment of "
            f"OMERO.web: {failure or 'it does not import there'}."
        )


def _copy_ice(folder: Path) -> None:
    """Copy the files of the installed package; it has libraries, but no paths."""
    try:
        package = importlib.metadata.distribution("zeroc-ice")
    except importlib.metadata.PackageNotFoundError:
        return  # installed in another way, by conda for one
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    target = folder / (
        "Lib/site-packages"
        if sys.platform == "win32"
        else f"lib/{version}/site-packages"
    )
    for file in package.files or ():
        source = Path(str(package.locate_file(file)))
        # Commands (slice2py) are listed with a way out of the folder: not needed.
        if ".." in file.parts or not source.is_file():
            continue
        place = target / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, place)


def _has_ice(folder: Path) -> bool:
    question = f"import Ice, sys; sys.exit(Ice.stringVersion() != {ICE_VERSION!r})"
    return _run([python_of(folder), "-c", question]).returncode == 0


def _install(folder: Path, packages: Sequence[str], *options: str) -> str:
    """Install packages; return what went wrong, '' for nothing."""
    done = _run(
        [
            *(python_of(folder), "-m", "pip", "--disable-pip-version-check"),
            *("install", "--quiet", *options, *packages),
        ]
    )
    if done.returncode == 0:
        return ""
    lines = done.stdout.strip().splitlines() or ["nothing"]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines)[-1].removeprefix("ERROR: ")


def _collect_static_files(folder: Path) -> None:
    """Gather what the pages load into one folder, once for all runs."""
    with tempfile.TemporaryDirectory(prefix="omero-web-") as name:
        private = Path(name)
        write_settings(private, "localhost", 4064, static_files_of(folder))
        done = _run(
            [python_of(folder), "-m", "django", "collectstatic", "--noinput"],
            OMERODIR=name,
            DJANGO_SETTINGS_MODULE="omeroweb.settings",
        )
    if done.returncode:
        raise ResourceFault(
            "OMERO.web was installed and does not run: "
            f"{(done.stdout.strip().splitlines() or ['it says nothing'])[-1]}"
        )


def _run(
    command: Sequence[str | Path], **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        env={**clean_variables(), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
