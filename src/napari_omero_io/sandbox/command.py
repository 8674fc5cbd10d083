"""``napari-omero-io sandbox …``: run a sandbox, fill it, empty it."""

from __future__ import annotations

import argparse
import logging
import logging.handlers
import os
import shutil
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from .errors import SandboxError
from .faults import ORDERS
from .web import command as web_command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .seeding.choice import Choice

#: Of a thread, in bytes; only what is used of it counts.
_STACK_SIZE = 64 * 2**20
_LOG_BYTES = 5_000_000
#: Seconds; where waiting holds signals back, an interrupt is seen this late.
_BEAT = 1.0
#: What a data folder holds; nothing else is ever deleted from it.
_CONTENTS = (
    "fault.answer",
    "fault.open",
    "fault.order",
    "config.json",
    "files",
    "metadata.sqlite",
    "metadata.sqlite-shm",
    "metadata.sqlite-wal",
    "pixels",
    "runs",
    "server.log",
    "server.log.1",
    "server.pem",
)


def default_folder() -> Path:
    """Return where a sandbox keeps its data when nothing else is said."""
    return user_data_path("napari-omero-io", appauthor=False) / "sandbox"


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one verb; return the exit status."""
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.carry_out(arguments))
    except (SandboxError, OSError) as error:
        print(f"napari-omero-io sandbox: {error}", file=sys.stderr)
        return 1


def build_parser() -> argparse.ArgumentParser:
    """Describe the verbs."""
    parser = argparse.ArgumentParser(
        prog="napari-omero-io sandbox",
        description="An OMERO server in Python, for one machine, trials and tests.",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    serve = _add_verb(verbs, "serve", _serve, "run a server until it is interrupted")
    _add_serve_options(serve)

    import_ = _add_verb(
        verbs, "import", _import, "add image files to a server, running or not"
    )
    import_.add_argument("files", nargs="+", type=Path, metavar="FILE")
    import_.add_argument("--user", default="root", help="whose the images will be")
    import_.add_argument("--dataset", metavar="NAME", help="where to put them")

    load = _add_verb(
        verbs, "load", _load, "fill an empty server with objects whose ids are given"
    )
    load.add_argument("dataset", type=Path, metavar="DATASET.json")

    reset = _add_verb(verbs, "reset", _reset, "delete everything a server holds")
    reset.add_argument("--yes", action="store_true", help="do not ask")

    coverage = _add_verb(
        verbs, "coverage", _coverage, "list what is done of OMERO's interfaces"
    )
    coverage.add_argument(
        "--markdown", action="store_true", help="as a page of the documentation"
    )

    web = _add_verb(
        verbs, "web", web_command.carry_out, "run OMERO.web in front of a server"
    )
    web_command.add_options(web)

    fault = _add_verb(
        verbs, "fault", _fault, "have a running server fail, if it takes such orders"
    )
    fault.add_argument(
        "kind", choices=list(ORDERS), metavar="FAULT", help=_explain(ORDERS)
    )
    fault.add_argument("--user", help="whose sessions expire (default: everybody's)")
    fault.add_argument("--service", metavar="NAME", help="whose answers are delayed")
    fault.add_argument(
        "--ms", type=_read_milliseconds, metavar="MS", help="by how much"
    )
    return parser


def _add_verb(
    verbs: Any,
    name: str,
    carry_out: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    parser.set_defaults(carry_out=carry_out)
    parser.add_argument(
        "--data",
        type=Path,
        default=default_folder(),
        metavar="DIR",
        help="where the server keeps its data (default: %(default)s)",
    )
    return parser


def _add_serve_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=int,
        default=4064,
        metavar="N",
        help="for secure connections; 0 takes any free one (default: %(default)s)",
    )
    parser.add_argument(
        "--tcp-port",
        type=int,
        default=4063,
        metavar="N",
        help="for plain connections; 0 takes any free one (default: %(default)s)",
    )
    for kind in ("ws", "wss"):
        parser.add_argument(
            f"--{kind}-port",
            type=int,
            metavar="N",
            help=f"for websockets, {kind}:// (default: none)",
        )
    parser.add_argument(
        "--seed",
        type=_read_seed,
        metavar="WHAT",
        help=(
            "fill an empty server: demo (real images of every kind), many:10000 (a "
            "dataset of so many small images), slide:100000 (a slide of so many pixels "
            "to a side)"
        ),
    )
    parser.add_argument(
        "--latency",
        type=_read_milliseconds,
        default=0.0,
        metavar="MS",
        help="delay every answer, to try out a distant server",
    )
    parser.add_argument(
        "--bandwidth",
        type=_read_bandwidth,
        default=0.0,
        metavar="BYTES",
        help="bytes a second that all clients share; 0 is without limit",
    )
    parser.add_argument(
        "--faults",
        action="store_true",
        help="take orders from `sandbox fault`, to try clients on a failing server",
    )
    parser.add_argument(
        "--scripts",
        type=Path,
        metavar="DIR",
        help=(
            "run scripts: those in this folder, and those that users upload. "
            "Whoever may log in can then run programs on this machine"
        ),
    )
    parser.add_argument(
        "--password", default="omero", help="root's, at the first start"
    )
    parser.add_argument(
        "--end-with-input",
        action="store_true",
        help="stop when standard input ends, as it does when the parent process does",
    )


def _explain(orders: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {effect}" for name, effect in orders.items())


def _read_seed(text: str) -> Choice:
    from .seeding.choice import read_choice

    return read_choice(text)


def _read_milliseconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < 60_000:
        raise ValueError(text)
    return value


def _read_bandwidth(text: str) -> float:
    value = float(text)
    if value != 0 and not 1000 <= value < float("inf"):
        raise ValueError(text)
    return value


def _serve(arguments: argparse.Namespace) -> int:
    from .allocation import keep_little_memory
    from .config import Options

    keep_little_memory()
    # Late answers are written by a thread of ours, by recursion like those of Ice's.
    threading.stack_size(_STACK_SIZE)
    options = Options(
        folder=arguments.data,
        port=arguments.port,
        tcp_port=arguments.tcp_port,
        ws_port=arguments.ws_port,
        wss_port=arguments.wss_port,
        root_password=arguments.password,
        latency=arguments.latency / 1000,
        bandwidth=arguments.bandwidth,
        faults=arguments.faults,
        scripts=arguments.scripts,
    )
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    if arguments.end_with_input:
        threading.Thread(target=_watch_input, args=(stop,), daemon=True).start()
    options.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _log_to(options.folder / "server.log")
    from .server import serve

    with serve(options) as running:
        if arguments.seed:
            from .seed import seed

            seed(running.core, arguments.seed)
        print("ready", running.host, running.port, running.tcp_port, flush=True)
        while not stop.wait(_BEAT):
            pass
    return 0


def _watch_input(stop: threading.Event) -> None:
    # Not sys.stdin: Python ends with a fatal error when a thread still reads there.
    while os.read(0, 1024):
        pass
    stop.set()


def _log_to(path: Path) -> None:
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8"
    )
    form = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    handler.setFormatter(logging.Formatter(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(True)


def _import(arguments: argparse.Namespace) -> int:
    from .config import Options
    from .importing.command import import_files
    from .server import open_core

    failed = 0
    with ExitStack() as stack:
        core = open_core(Options(arguments.data), stack)
        files = import_files(core, arguments.files, arguments.user, arguments.dataset)
        for _, outcome in files:
            if isinstance(outcome, SandboxError):
                failed += 1
                print(f"napari-omero-io sandbox: {outcome}", file=sys.stderr)
            else:
                print(outcome)
    return 1 if failed else 0


def _load(arguments: argparse.Namespace) -> int:
    from .folder import claim
    from .loading import read_dataset, store_dataset
    from .schema.model import load_model
    from .schema.tables import build_tables
    from .store.database import Database

    model = load_model()
    dataset = read_dataset(arguments.dataset, build_tables(model))
    folder: Path = arguments.data
    with claim(folder), Database(folder / "metadata.sqlite", model) as database:
        print(f"{store_dataset(database, dataset)} objects")
    return 0


def _reset(arguments: argparse.Namespace) -> int:
    from .folder import claim

    folder: Path = arguments.data
    present = [name for name in _CONTENTS if (folder / name).exists()]
    if not present:
        print(f"There is nothing in {folder}.")
        return 0
    with claim(folder):
        if not arguments.yes:
            print(f"This deletes every image, user and setting in {folder}.")
            if input("Type yes to go on: ").strip() != "yes":
                print("Nothing was deleted.")
                return 1
        for name in present:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    print(f"{folder} is empty; the next start makes it anew.")
    return 0


def _coverage(arguments: argparse.Namespace) -> int:
    from .coverage import report, report_as_page

    print(report_as_page() if arguments.markdown else report())
    return 0


def _fault(arguments: argparse.Namespace) -> int:
    from .faults import give_order

    order: dict[str, Any] = {"kind": arguments.kind}
    if arguments.user is not None:
        order["user"] = arguments.user
    if arguments.kind == "delay":
        if arguments.service is None or arguments.ms is None:
            raise SandboxError("A delay needs --service and --ms.")
        order |= {"service": arguments.service, "seconds": arguments.ms / 1000}
    print(give_order(arguments.data, order))
    return 0
