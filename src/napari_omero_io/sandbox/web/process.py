"""OMERO.web in a process of its own, for as long as a ``with`` block lasts."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from napari_omero_io.sandbox.errors import ResourceFault

from .environment import (
    clean_variables,
    find_folder,
    prepare,
    python_of,
    static_files_of,
)
from .settings import write_settings

if TYPE_CHECKING:
    from types import TracebackType

#: Seconds until the first page must be there; it imports all of Django and OMERO.
_START_TIMEOUT = 120.0
#: Seconds for requests that are under way when it is stopped.
_STOP_TIMEOUT = 10.0
#: Seconds to wait for one answer, and between two questions.
_PATIENCE, _PAUSE = 30.0, 0.2

_HOST = "127.0.0.1"
_FIRST_PAGE = "/webclient/login/"


class OmeroWeb:
    """OMERO.web as it comes from PyPI, run while the ``with`` block lasts.

    It listens on loopback only, keeps its secrets, sessions and logs in a private
    folder that is deleted at the end, and ends with this process, however that ends.

    Parameters
    ----------
    host, port
        Of an OMERO server: a sandbox, or any other; its port for secure connections.
    http_port
        Where browsers find it; 0 takes any free one.
    iviewer
        Open images in OMERO.iviewer rather than in OMERO.web's own viewer.
    environment
        Folder of the Python environment it runs in, which is made if it is not there
        (see `napari_omero_io.sandbox.web.environment`); None for the usual one.

    Attributes
    ----------
    http_port
        Known inside the ``with`` block.
    folder
        The private folder; ``var/log/OMEROweb.log`` in it is its log.

    Examples
    --------
    >>> with (  # doctest: +SKIP
    ...     Sandbox(seed="demo") as sandbox,
    ...     OmeroWeb(sandbox.host, sandbox.port) as web,
    ... ):
    ...     webbrowser.open(web.url)
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        http_port: int = 0,
        iviewer: bool = False,
        environment: Path | None = None,
    ) -> None:
        self.server = (host, port)
        self.http_port = http_port
        self.iviewer = iviewer
        self.environment = find_folder() if environment is None else environment
        self.folder = Path()
        self._wanted_port = http_port
        self._stack = ExitStack()

    @property
    def url(self) -> str:
        """What to type in a browser."""
        return f"http://{_HOST}:{self.http_port}/webclient/"

    def __enter__(self) -> Self:
        if sys.platform == "win32":
            raise ResourceFault(
                "OMERO.web runs on Linux and macOS only; on Windows run it in WSL."
            )
        _check_server(*self.server)
        prepare(self.environment)
        with ExitStack() as stack:
            listening = stack.enter_context(_listen(self._wanted_port))
            self.http_port = listening.getsockname()[1]
            self.folder = _make_private_folder(stack)
            write_settings(
                *(self.folder, *self.server, static_files_of(self.environment)),
                iviewer=self.iviewer,
            )
            output = stack.enter_context((self.folder / "gunicorn.log").open("w+b"))
            process = self._start(listening, output)
            stack.callback(_stop, process)
            _wait_for_page(process, self.http_port, output)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def is_running(self) -> bool:
        """Say whether the page still answers."""
        return _ask(self.http_port) == http.client.OK

    def _start(
        self, listening: socket.socket, output: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        configuration = Path(__file__).with_name("gunicorn_settings.py")
        words = [str(python_of(self.environment)), "-m", "gunicorn"]
        words += ["--config", str(configuration), "--chdir", str(self.folder)]
        words += ["--bind", f"fd://{listening.fileno()}", "omeroweb.wsgi:application"]
        return subprocess.Popen(
            words,
            env={
                **clean_variables(),
                "OMERODIR": str(self.folder),
                # Sessions of browsers, and files on their way in or out.
                "TMPDIR": str(self.folder / "tmp"),
                "OMERO_TMPDIR": str(self.folder / "tmp"),
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[listening.fileno()],
            # Ctrl-C in a terminal is for us, who then stop it in order.
            start_new_session=True,
        )


def _check_server(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise ResourceFault(
            f"Nothing answers at {host}:{port} ({error}); start the server first, for "
            "example with: napari-omero-io sandbox serve"
        ) from error


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    try:
        # A page that was open a moment ago must not keep the port.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((_HOST, port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise ResourceFault(
            f"OMERO.web cannot listen on port {port} ({error}); choose another with "
            "--port, or 0 for any free one."
        ) from error
    return listening


def _make_private_folder(stack: ExitStack) -> Path:
    """Make what only this user can read, and delete it at the end."""
    folder = tempfile.TemporaryDirectory(
        prefix="omero-web-", ignore_cleanup_errors=True
    )
    path = Path(stack.enter_context(folder))
    (path / "tmp").mkdir()
    return path


def _wait_for_page(
    process: subprocess.Popen[bytes], port: int, output: IO[bytes]
) -> None:
    """Return when the first page is there.

    Raises
    ------
    ResourceFault
        It ended, answers with errors, or does not answer at all.
    """
    deadline = time.monotonic() + _START_TIMEOUT
    status: int | None = None
    while process.poll() is None and time.monotonic() < deadline:
        status = _ask(port)
        if status == http.client.OK:
            return
        time.sleep(_PAUSE)
    output.seek(0)
    said = output.read().decode(errors="replace").strip().splitlines()
    why = f"it answers {status}" if status else "it does not answer"
    raise ResourceFault(
        f"OMERO.web did not start: {why}. {said[-1] if said else ''}".strip()
    )


def _ask(port: int) -> int | None:
    """Return the status of the first page, None where nobody answers."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=_PATIENCE)
    try:
        connection.request("GET", _FIRST_PAGE)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it with its workers: in order, else by force."""
    assert process.stdin is not None
    if process.poll() is None:
        process.terminate()
    process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_TIMEOUT)
    # It leads a group of its own: whoever is left in it, is ended too.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
