"""Build a wheel of Ice 3.6.5 for the Python that runs this file.

    python scripts/build_ice.py WHEEL_FOLDER

PyPI has only the source archive of 2019, which no longer compiles on Python 3.11:
`eval.h` and `PyThreadState.frame` went in 3.11, the module `imp` in 3.12.  This
script fetches the archive through pip, corrects those three places, and builds.
It needs a C++ compiler and the headers of OpenSSL, bzip2 and Python; two to
three minutes on one core.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

ICE = "zeroc-ice==3.6.5"

# (file, text that no longer works, text that does)
CORRECTIONS = (
    ("src/Slice.cpp", "#include <eval.h>\n", ""),
    ("src/Util.cpp", "PyThreadState_GET()->frame", "PyEval_GetFrame()"),
    ("lib/Ice.py", "import sys, string, imp, os,", "import sys, string, types, os,"),
    ("lib/Ice.py", "imp.new_module(curr)", "types.ModuleType(curr)"),
)


def run(*command: str, cwd: Path | None = None, **environment: str) -> None:
    """Run a command and stop with its output when it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        sys.exit(f"{done.stdout[-4000:]}\nbuild_ice: failed: {' '.join(command)}")


def fetch_source(folder: Path) -> Path:
    """Download and unpack the source archive; return its top folder."""
    run(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
        *("--no-binary", ":all:", "--dest", str(folder), ICE),
    )
    (archive,) = folder.glob("zeroc*ice-3.6.5.tar.gz")
    with tarfile.open(archive) as opened:
        # Python 3.11 has the safe filter from 3.11.4 on; Debian 12 has 3.11.2.
        safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        opened.extractall(folder, **safe)
    return folder / archive.name.removesuffix(".tar.gz")


def correct(source: Path) -> None:
    """Apply the corrections; refuse when the source is not the one expected."""
    for name, old, new in CORRECTIONS:
        path = source / name
        # Latin-1 keeps every byte of the C++ sources as it was.
        text = path.read_text(encoding="latin-1")
        if text.count(old) != 1:
            sys.exit(f"build_ice: {name} does not hold {old!r} exactly once")
        path.write_text(text.replace(old, new), encoding="latin-1")


def build(wheels: Path) -> None:
    """Put a stripped wheel into the folder."""
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    if not headers.exists():
        sys.exit(f"build_ice: {headers} is missing; install Python's headers")
    with tempfile.TemporaryDirectory(prefix="ice-") as name:
        source = fetch_source(Path(name))
        correct(source)
        run(
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--wheel-dir", str(wheels), str(source)),
            CFLAGS="-O2 -g0 -w",
            LDFLAGS="-s",
        )


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve())
