"""Build a wheel of Ice 3.6.5 for the Python that runs this file.

    python scripts/build_ice.py WHEEL_FOLDER
    python scripts/build_ice.py --recipe        # name what is built, to keep wheels by

PyPI has only the source archive of 2019, which no longer compiles on Python 3.11:
`eval.h` and `PyThreadState.frame` went in 3.11, the module `imp` in 3.12.  And a
server in Python dies of damaged messages: Ice believes negative lengths, and passes
what it could not read on as null pointers.  This script fetches the archive through
pip, corrects those places, and builds.  It needs a C++ compiler and the headers of
OpenSSL, bzip2 and Python; two to three minutes on one core.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

ICE = "zeroc-ice==3.6.5"
FLAGS = {"CFLAGS": "-O2 -g0 -w", "LDFLAGS": "-s"}

# (file, text that no longer works, text that does)
# ruff: noqa: E501 - the sources of Ice are wider
CORRECTIONS = (
    ("src/Slice.cpp", "#include <eval.h>\n", ""),
    ("src/Util.cpp", "PyThreadState_GET()->frame", "PyEval_GetFrame()"),
    ("lib/Ice.py", "import sys, string, imp, os,", "import sys, string, types, os,"),
    ("lib/Ice.py", "imp.new_module(curr)", "types.ModuleType(curr)"),
    # A negative length is no way back in the message.
    (
        "src/ice/cpp/include/Ice/BasicStream.h",
        "if(i + size > b.end())",
        "if(size > static_cast<size_type>(b.end() - i))",
    ),
    # The sum below overflows when the claimed number of elements is large enough.
    (
        "src/ice/cpp/src/Ice/BasicStream.cpp",
        "    if(_startSeq == -1 || i > (b.begin() + _startSeq + _minSeqSize))\n",
        "    if(static_cast<IceUtil::Int64>(sz) * minSize > b.end() - i)\n"
        "    {\n"
        "        throw UnmarshalOutOfBoundsException(__FILE__, __LINE__);\n"
        "    }\n"
        "    if(_startSeq == -1 || i > (b.begin() + _startSeq + _minSeqSize))\n",
    ),
    # A text that is no UTF-8.
    (
        "src/Types.cpp",
        "        PyObjectHandle p = createString(val);\n"
        "        cb->unmarshaled(p.get(), target, closure);\n",
        "        PyObjectHandle p = createString(val);\n"
        "        if(!p.get())\n"
        "        {\n"
        "            throw AbortMarshaling();\n"
        "        }\n"
        "        cb->unmarshaled(p.get(), target, closure);\n",
    ),
    # A list's element, or an argument, that refers to an object which never came.
    (
        "src/Types.cpp",
        "PyObject*\nIcePy::SequenceInfo::SequenceMapping::createContainer(int sz) const\n"
        "{\n"
        "    if(type == SEQ_DEFAULT || type == SEQ_LIST)\n"
        "    {\n"
        "        return PyList_New(sz);\n",
        "PyObject*\nIcePy::SequenceInfo::SequenceMapping::createContainer(int sz) const\n"
        "{\n"
        "    if(type == SEQ_DEFAULT || type == SEQ_LIST)\n"
        "    {\n"
        "        PyObject* filled = PyList_New(sz);\n"
        "        for(int place = 0; filled && place < sz; ++place)\n"
        "        {\n"
        "            Py_INCREF(Py_None);\n"
        "            PyList_SET_ITEM(filled, place, Py_None);\n"
        "        }\n"
        "        return filled;\n",
    ),
    (
        "src/Operation.cpp",
        "    PyObjectHandle curr = createCurrent(current);\n"
        "    PyTuple_SET_ITEM(args.get(), PyTuple_GET_SIZE(args.get()) - 1, curr.get());\n"
        "    curr.release(); // PyTuple_SET_ITEM steals a reference.\n"
        "\n"
        "    if(_op->amd)\n",
        "    for(Py_ssize_t place = offset; place < count - 1; ++place)\n"
        "    {\n"
        "        if(!PyTuple_GET_ITEM(args.get(), place))\n"
        "        {\n"
        '            throw Ice::MarshalException(__FILE__, __LINE__, "argument is absent");\n'
        "        }\n"
        "    }\n"
        "    PyObjectHandle curr = createCurrent(current);\n"
        "    PyTuple_SET_ITEM(args.get(), PyTuple_GET_SIZE(args.get()) - 1, curr.get());\n"
        "    curr.release(); // PyTuple_SET_ITEM steals a reference.\n"
        "\n"
        "    if(_op->amd)\n",
    ),
)


def name_recipe() -> str:
    """Return a digest of all that decides what a wheel holds; Python has its own tag."""
    recipe = repr((ICE, sorted(FLAGS.items()), CORRECTIONS))
    return hashlib.sha256(recipe.encode()).hexdigest()[:16]


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
        *("--no-binary", "zeroc-ice", "--dest", str(folder), ICE),
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
            **FLAGS,
        )


if __name__ == "__main__":
    if sys.argv[1] == "--recipe":
        print(name_recipe())
        sys.exit()
    build(Path(sys.argv[1]).resolve())
