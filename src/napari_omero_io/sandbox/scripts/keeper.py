"""Keeps one script on a leash: a small program between the server and the script.

It runs the script in the current folder, writes what that prints to the files `out`
and `err`, and sees to its end.  Its own standard input is the leash: each byte asks
the script to end, and when the input ends the script is killed.  A server that is
gone, however it went, has let go of all leashes, so no script outlives it; nor does
anything that a script started and left behind.

    python keeper.py SECONDS COMMAND …

At the end it prints the script's exit code, and `late` if the time was up.
The program uses the standard library only, and starts in some milliseconds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

#: Seconds between asking a script to end and killing it, when its time is up.
_GRACE = 2.0


class Keeper:
    """Runs a command in a group of its own until it ends or must end."""

    def __init__(self, command: list[str]) -> None:
        with Path("out").open("wb") as out, Path("err").open("wb") as err:
            self._script = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self._lock = threading.Lock()
        self._is_over = False
        self.is_late = False

    def keep(self, seconds: float) -> int:
        """Wait for the end of the script; return its exit code."""
        limit = threading.Timer(seconds, self._stop_late)
        limit.daemon = True
        limit.start()
        threading.Thread(target=self._follow_leash, daemon=True).start()
        code = self._script.wait()
        with self._lock:
            self._is_over = True
            _send(self._script, kill=True)
        return code

    def _follow_leash(self) -> None:
        while os.read(0, 1):
            self._end(kill=False)
        self._end(kill=True)

    def _stop_late(self) -> None:
        self.is_late = True
        self._end(kill=False)
        killer = threading.Timer(_GRACE, self._end, kwargs={"kill": True})
        killer.daemon = True
        killer.start()

    def _end(self, *, kill: bool) -> None:
        with self._lock:
            if not self._is_over:
                _send(self._script, kill=kill)


if sys.platform == "win32":

    def _send(script: subprocess.Popen[bytes], *, kill: bool) -> None:
        """End the script; what it started cannot be found here."""
        if script.poll() is None:
            script.kill() if kill else script.terminate()

else:

    def _send(script: subprocess.Popen[bytes], *, kill: bool) -> None:
        """Send a signal to the script and to all that it started."""
        try:
            os.killpg(script.pid, signal.SIGKILL if kill else signal.SIGTERM)
        except (ProcessLookupError, PermissionError):
            # Nobody is left, or only what the system has not swept up yet.
            return


if __name__ == "__main__":
    keeper = Keeper(sys.argv[2:])
    code = keeper.keep(float(sys.argv[1]))
    print(code, "late" if keeper.is_late else "", flush=True)
