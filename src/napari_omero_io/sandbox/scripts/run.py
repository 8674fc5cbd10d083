"""One run of a script: its process, from the start to what it leaves."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import keeper as keeper_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_omero_io.sandbox.sessions import SessionState

log = logging.getLogger(__name__)

#: Bytes of what a script prints that are kept.
_OUTPUT_LIMIT = 64_000_000
#: All that a script sees of the server's environment.
_PASSED_ON = (
    "CLASSPATH",
    "DISPLAY",
    "DYLD_LIBRARY_PATH",
    "HOME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "OMERODIR",
    "PATH",
    "PYTHONPATH",
    "SYSTEMROOT",
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a script ended: its exit code, whether it was late, what it printed."""

    code: int
    is_late: bool
    stdout: bytes
    stderr: bytes


class Run:
    """One script at work.

    Parameters
    ----------
    finish
        Called once, in a thread of the run, when the process is gone; only then is
        the run over for those who ask.

    Attributes
    ----------
    session
        Holds inputs and outputs, also when it is over.
    """

    def __init__(
        self,
        folder: Path,
        seconds: float,
        session: SessionState,
        finish: Callable[[Run, Ending], None],
    ) -> None:
        self.session = session
        self.was_cancelled = False
        self.code: int | None = None
        self._folder = folder
        self._finish = finish
        self._over = threading.Event()
        self._followers: list[Callable[[int], object]] = []
        self._leash = threading.Lock()
        # Both by their full names: the keeper's own folder is the script's.
        program = str(Path(keeper_program.__file__).resolve())
        command = [sys.executable, "-I", "-S", program, str(seconds)]
        self._keeper = subprocess.Popen(
            [*command, sys.executable, "./script"],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        self._watcher = threading.Thread(target=self._watch, name="script", daemon=True)
        self._watcher.start()

    @property
    def is_over(self) -> bool:
        """The process is gone, and what it left is kept."""
        return self._over.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end of the run; tell whether it came."""
        return self._over.wait(seconds)

    def tell_when_over(self, follower: Callable[[int], object]) -> None:
        """Call `follower` with the exit code when the run is over, or now if it is."""
        with self._leash:
            if not self.is_over:
                self._followers.append(follower)
                return
        follower(self.code or 0)

    def cancel(self) -> None:
        """Ask the script to end."""
        self._pull(lambda leash: leash.write(b"t"))

    def kill(self) -> None:
        """End the script."""
        self._pull(lambda leash: leash.close())

    def join(self) -> None:
        """Wait until nothing of the run is left."""
        self._watcher.join()

    def _pull(self, how: Callable[[Any], object]) -> None:
        self.was_cancelled = self.was_cancelled or not self.is_over
        with self._leash:
            leash = self._keeper.stdin
            if leash is None or leash.closed:
                return
            try:
                how(leash)
            except OSError as gone:
                log.debug("the script was over already: %s", gone)

    def _watch(self) -> None:
        assert self._keeper.stdout is not None
        with self._keeper.stdout as stream:
            words = stream.read().split()
        failed = self._keeper.wait()
        with self._leash:
            if self._keeper.stdin is not None:
                self._keeper.stdin.close()
        code = int(words[0]) if words else failed or 1
        try:
            ending = Ending(
                code=code,
                is_late=words[1:] == [b"late"],
                stdout=_read_start(self._folder / "out"),
                stderr=_read_start(self._folder / "err"),
            )
            self._finish(self, ending)
        except Exception:
            log.exception("the end of a script could not be written down")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            self.code = code
            with self._leash:
                self._over.set()
                followers = tuple(self._followers)
            for follower in followers:
                follower(code)


def _environment(folder: Path) -> dict[str, str]:
    passed = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    return {
        **passed,
        "ICE_CONFIG": str(folder / "config"),
        "OMERO_HOME": str(folder),
        "OMERO_TMPDIR": str(folder / "tmp"),
    }


def _read_start(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_OUTPUT_LIMIT)
    except FileNotFoundError:
        return b""
