"""The command line: ``napari-omero-io VERB …``."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Verb -> module and function that take the words after it, and what it does.
_VERBS = {
    "demo": ("napari_omero_io.demo:main", "start a server with images, and napari"),
    "open": ("napari_omero_io.plugin.viewer:main", "open links to images in napari"),
    "download": (
        "napari_omero_io.download_command:main",
        "fetch the files that images were imported from",
    ),
    "sandbox": (
        "napari_omero_io.sandbox.command:main",
        "run an OMERO server of your own, fill it, empty it",
    ),
    "trust": (
        "napari_omero_io.client.trust_command:main",
        "take a server's new certificate",
    ),
    "register": (
        "napari_omero_io.desktop:main",
        "let the desktop open omero:// links with napari",
    ),
    "unregister": ("napari_omero_io.desktop:main_unregister", "undo that"),
    "doctor": ("napari_omero_io.doctor:main", "say what this machine lacks"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the verb that comes first; return the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    width = max(map(len, _VERBS)) + 2
    verbs = "\n".join(f"  {verb:{width}}{what}" for verb, (_, what) in _VERBS.items())
    parser = argparse.ArgumentParser(
        prog="napari-omero-io",
        description=f"Images of an OMERO server in napari.\n\n{verbs}",
        epilog="napari-omero-io VERB --help says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("verb", choices=_VERBS, metavar="VERB")
    verb = parser.parse_args(words[:1]).verb
    module, _, function = _VERBS[verb][0].partition(":")
    carry_out = getattr(importlib.import_module(module), function)
    return int(carry_out(words[1:]))


if __name__ == "__main__":
    sys.exit(main())
