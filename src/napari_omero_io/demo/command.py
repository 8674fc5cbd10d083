"""Open napari with the dock connected to a sandbox; with nobody there, use it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from napari_omero_io.errors import OmeroIOError
from napari_omero_io.trial import start_trial, stop_trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.trial import TrialServer


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; return the exit status."""
    arguments = _build_parser().parse_args(argv)
    folder: Path = arguments.data
    print(f"Starting an OMERO server on this computer, with its data in {folder} …")
    if not (folder / "metadata.sqlite").exists():
        print("The first start fills it with images and takes a minute.")
    sys.stdout.flush()
    try:
        trial = start_trial(folder)
    except OmeroIOError as error:
        print(f"napari-omero-io demo: {error}", file=sys.stderr)
        return 1
    print(f"The server is at {trial.address}; user {trial.user}, {trial.password}.")
    try:
        if arguments.unattended or not has_screen():
            return _perform(trial, arguments.report)
        return _open_window(trial)
    finally:
        stop_trial(folder)


def has_screen() -> bool:
    """Whether there is a screen to show a window on."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _build_parser() -> argparse.ArgumentParser:
    home = user_data_path("napari-omero-io", appauthor=False)
    parser = argparse.ArgumentParser(
        prog="napari-omero-io demo",
        description="Start an OMERO server with images, and napari connected to it.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=home / "sandbox",
        metavar="DIR",
        help="where the server keeps its data (default: %(default)s)",
    )
    parser.add_argument(
        "--unattended",
        action="store_true",
        help="do the main job by itself, check the result, and leave",
    )
    parser.add_argument(
        "--report",
        type=Path,
        default=home / "demo",
        metavar="DIR",
        help="where --unattended puts its pictures (default: %(default)s)",
    )
    return parser


def _open_window(trial: TrialServer) -> int:
    import napari

    from .stage import connect_dock, open_viewer

    connect_dock(open_viewer(), trial)
    napari.run()
    return 0


def _perform(trial: TrialServer, report: Path) -> int:
    if not has_screen():
        print(
            "napari-omero-io demo: there is no screen. Start it with a virtual one, "
            'as scripts/demo does: xvfb-run -a -s "-screen 0 1600x1100x24" '
            "napari-omero-io demo --unattended",
            file=sys.stderr,
        )
        return 1
    from .performance import perform

    return perform(trial, report)
