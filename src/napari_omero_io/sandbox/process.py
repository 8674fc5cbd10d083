"""A sandbox in a process of its own, for as long as a ``with`` block lasts."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from .errors import ResourceFault

if TYPE_CHECKING:
    from types import TracebackType

#: Seconds until a server must be ready.
_START_TIMEOUT = 180.0
#: … when it is seeded first: 10,000 images take minutes.
_SEED_TIMEOUT = 1800.0
#: Seconds for a server to answer its last calls and close its files.
_STOP_TIMEOUT = 15.0


class Sandbox:
    """An OMERO server on this machine, run while the ``with`` block lasts.

    It listens on loopback only, and ends with this process, however that ends.

    Parameters
    ----------
    data
        Folder that keeps what the server holds; None takes a temporary one, which is
        deleted at the end.
    seed
        What an empty server is filled with: ``"demo"``, real images of every kind;
        ``"many:10000"``, a dataset of so many small images with thumbnails;
        ``"slide:100000"``, a slide of so many pixels to a side.
    port, tcp_port
        For secure and for plain connections; 0 takes any free one.
    ws_port, wss_port
        For websockets, plain and secure; None for none.
    latency_ms
        Delay of every answer, to try out a distant server.
    bandwidth
        Bytes a second that all clients share; 0 is without limit.
    faults
        Take orders to fail, see `napari_omero_io.sandbox.faults`.
    scripts
        Folder of the scripts that clients may run, beside those they upload; None
        runs no scripts.  Whoever may log in can then run programs on this machine.

    Attributes
    ----------
    host, port, tcp_port
        Where it listens; known inside the ``with`` block.
    user, password
        Of the administrator.

    Examples
    --------
    >>> with Sandbox(seed="demo") as sandbox:  # doctest: +SKIP
    ...     session = connect(sandbox.url, sandbox.user, sandbox.password)
    """

    user = "root"
    password = "omero"

    def __init__(
        self,
        data: str | Path | None = None,
        *,
        seed: str | None = None,
        port: int = 0,
        tcp_port: int = 0,
        ws_port: int | None = None,
        wss_port: int | None = None,
        latency_ms: float = 0,
        bandwidth: float = 0,
        faults: bool = False,
        scripts: str | Path | None = None,
    ) -> None:
        self.data = None if data is None else Path(data)
        self.seed = seed
        self.host = "127.0.0.1"
        self.port = port
        self.tcp_port = tcp_port
        self.ws_port = ws_port
        self.wss_port = wss_port
        self.latency_ms = latency_ms
        self.bandwidth = bandwidth
        self.faults = faults
        self.scripts = None if scripts is None else Path(scripts)
        self._wanted_ports = (port, tcp_port)
        self.pid: int | None = None
        self._stack = ExitStack()

    @property
    def url(self) -> str:
        """Where the server is, as clients of OMERO write it."""
        return f"ssl://{self.host}:{self.port}"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.data is None:
                folder = tempfile.TemporaryDirectory(
                    prefix="omero-sandbox-", ignore_cleanup_errors=True
                )
                data = Path(stack.enter_context(folder))
            else:
                data = self.data
            # A file, not a pipe: nobody reads it while the server runs.
            complaints = stack.enter_context(tempfile.TemporaryFile())
            server = subprocess.Popen(
                self._command_line(data),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
            stack.callback(_stop, server)
            patience = _START_TIMEOUT if self.seed is None else _SEED_TIMEOUT
            self._read_address(_wait_until_ready(server, complaints, patience))
            self.pid = server.pid
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.pid = None
        self._stack.close()

    def _command_line(self, data: Path) -> list[str]:
        words = [sys.executable, "-m", "napari_omero_io", "sandbox", "serve"]
        words += ["--data", str(data), "--end-with-input"]
        port, tcp_port = map(str, self._wanted_ports)
        words += ["--port", port, "--tcp-port", tcp_port]
        for kind, number in (("ws", self.ws_port), ("wss", self.wss_port)):
            if number is not None:
                words += [f"--{kind}-port", str(number)]
        words += ["--latency", str(self.latency_ms)]
        words += ["--bandwidth", str(self.bandwidth)]
        words += ["--faults"] * self.faults
        if self.seed is not None:
            words += ["--seed", self.seed]
        if self.scripts is not None:
            words += ["--scripts", str(self.scripts)]
        return words

    def _read_address(self, line: str) -> None:
        _, self.host, port, tcp_port = line.split()
        self.port, self.tcp_port = int(port), int(tcp_port)


def _wait_until_ready(
    server: subprocess.Popen[bytes], complaints: IO[bytes], patience: float
) -> str:
    assert server.stdout is not None
    watchdog = threading.Timer(patience, server.kill)
    watchdog.start()
    try:
        for line in server.stdout:
            if line.startswith(b"ready "):
                return line.decode()
    finally:
        watchdog.cancel()
    server.wait()
    complaints.seek(0)
    said = complaints.read().decode(errors="replace").strip()
    raise ResourceFault(f"The sandbox did not start. {said}".strip())


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End a server: by the end of its input, else by force."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.close()
    try:
        server.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    server.stdout.close()
