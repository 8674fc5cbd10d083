"""Runs scripts: each a process of its own, in a folder and a session of its own.

A script finds its session in the file that the variable ``ICE_CONFIG`` names, asks it
for its inputs and leaves its outputs in it.  Asked with ``omero.scripts.parse`` it
only leaves a description of its parameters.  `scripts.keeper` holds the process: none
outlives the server or its time.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .core import Call
from .errors import Invalid, NoProcessor, ResourceFault
from .rules.membership import caller_for
from .scripts.files import is_official, read_text
from .scripts.run import Ending, Run
from .sessions import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .sessions import SessionState

log = logging.getLogger(__name__)

AGENT = "OMERO.scripts"
#: Under this name a script leaves the description of its parameters.
PARAMETERS = "omero.scripts.parse"
#: Parameters of scripts in this namespace are asked for anew each time.
_DYNAMIC = "openmicroscopy.org/omero/scripts/job/dynamic"
#: Scripts that may run at the same time.
_RUNS = 16
#: Seconds in which a script must have described its parameters.
_PARSE_LIMIT = 60.0
#: Descriptions of parameters that are remembered.
_REMEMBERED = 256


class Processor:
    """Runs the scripts of one server.

    Parameters
    ----------
    scripts
        The folder of official scripts.
    scratch
        A folder for the runs; what a killed server left in it is removed.
    host, port
        Where scripts reach the server, over plain TCP.
    """

    def __init__(self, scripts: Path, scratch: Path, host: str, port: int) -> None:
        self.scripts = scripts
        self._scratch = scratch
        self._router = f"OMERO.Glacier2/router:tcp -p {port} -h {host}"
        self._lock = threading.Lock()
        self._runs: set[Run] = set()
        self._is_closed = False
        self._remembered: OrderedDict[tuple[int, str], Any] = OrderedDict()
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700, parents=True)

    def close(self) -> None:
        """End all runs, and wait until they are gone."""
        with self._lock:
            self._is_closed = True
            runs = list(self._runs)
        for run in runs:
            run.kill()
        for run in runs:
            run.join()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def accepts(self, call: Call, script: Any) -> bool:
        """Tell whether a caller's wish to run a script is granted.

        Official scripts are run for everybody, other scripts for their owners.
        """
        owner_id = int(script._details._owner._id._val)
        return is_official(script) or owner_id == call.caller.user_id

    def begin_session(self, call: Call) -> SessionState:
        """Begin the session of a run, with the caller's rights."""
        limit = call.core.config.number("omero.scripts.timeout")
        caller, own = call.caller, call.session
        login = Login(
            user_id=caller.user_id,
            user_name=caller.user_name,
            group_id=caller.group_id,
            time_to_idle=0,
            time_to_live=limit,
        )
        if own is not None:
            login = replace(
                login,
                sudoer_id=own.login.sudoer_id,
                sudoer_name=own.login.sudoer_name,
                only_groups=own.login.only_groups,
            )
        login = replace(login, event_type="Processing", agent=AGENT)
        return call.core.sessions.begin(login)

    def read_parameters(self, call: Call, script: Any) -> Any:
        """Ask a script for its parameters; the answer is remembered with its digest.

        Returns
        -------
        An `omero.grid.JobParams`.

        Raises
        ------
        Invalid
            The script does not describe any; the message says what it printed.
        NoProcessor
            The caller may not run the script, or too many are running.
        """
        key = (int(script.id.val), script.hash.val if script.hash else "")
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
                return self._remembered[key]
        endings: list[Ending] = []
        session = self.begin_session(call)
        try:
            properties = {PARAMETERS: "true", "omero.job": "0"}
            run = self.start(
                call, script, session, properties, _PARSE_LIMIT, endings.append
            )
            run.wait()
        finally:
            end_session(call, session)
        described = session.outputs.get(PARAMETERS)
        if described is None:
            raise Invalid(_complaint(script, endings))
        params = described.val
        if _DYNAMIC not in (params.namespaces or ()):
            with self._lock:
                self._remembered[key] = params
                while len(self._remembered) > _REMEMBERED:
                    self._remembered.popitem(last=False)
        return params

    def start(
        self,
        call: Call,
        script: Any,
        session: SessionState,
        properties: Mapping[str, str],
        seconds: float,
        finish: Callable[[Ending], object],
    ) -> Run:
        """Start a script in a session.

        Parameters
        ----------
        properties
            For the script's client, beside those by which it finds its session.
        finish
            Called when the script has ended, before the run is over.
        """
        if not self.accepts(call, script):
            raise NoProcessor(1)
        with self._lock:
            if self._is_closed or len(self._runs) >= _RUNS:
                raise NoProcessor(1)
            folder = self._prepare(call, script, session, properties)

            def leave(run: Run, ending: Ending) -> None:
                try:
                    finish(ending)
                finally:
                    with self._lock:
                        self._runs.discard(run)

            try:
                run = Run(folder, seconds, session, leave)
            except OSError as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise ResourceFault(f"The script did not start: {error}") from error
            self._runs.add(run)
        return run

    def _prepare(
        self,
        call: Call,
        script: Any,
        session: SessionState,
        properties: Mapping[str, str],
    ) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self._scratch))
        known = {
            "omero.user": session.uuid,
            "omero.pass": session.uuid,
            "Ice.Default.Router": self._router,
            **properties,
        }
        lines = [f"{key}={value}\n" for key, value in known.items()]
        config = folder / "config"
        config.touch(mode=0o600)
        config.write_text("".join(lines), encoding="utf-8")
        (folder / "script").write_text(read_text(call, script), encoding="utf-8")
        (folder / "tmp").mkdir()
        return folder


def end_session(call: Call, session: SessionState) -> None:
    """End the session of a run, whoever else has joined it."""
    while call.core.sessions.release(session, closing=True) > 0:
        log.debug("%s was shared", session.uuid)


def call_after(call: Call, session: SessionState) -> Call:
    """Return a call with the rights of a run, for what is to be kept of it.

    It can be made also when the session is over.
    """
    with call.core.database.read() as connection:
        caller = caller_for(
            connection,
            call.core.database.tables,
            session.user_id,
            session.group_id,
            session_id=session.id,
            session_uuid=session.uuid,
            event_type="Processing",
        )
    return Call(call.core, caller, session)


def check_inputs(params: Any, inputs: Mapping[str, Any], session: SessionState) -> None:
    """Leave a script its inputs, and for those that are missing their defaults.

    Raises
    ------
    Invalid
        An input is missing or is not what the script asks for.
    """
    from omero.scripts import validate_inputs

    session.inputs.update(inputs)
    try:
        complaints = validate_inputs(params, inputs, _Defaults(session), session.uuid)
    except TypeError as error:
        # The bounds of one type cannot be compared with a value of another.
        complaints = str(error)
    if complaints:
        raise Invalid(f"Invalid parameters:\n{complaints}")


@dataclass(frozen=True, slots=True)
class _Defaults:
    """Takes the defaults that OMERO's own check of inputs fills in."""

    session: SessionState

    def setInput(self, _uuid: str, key: str, value: Any) -> None:
        self.session.inputs[key] = value


def _complaint(script: Any, endings: list[Ending]) -> str:
    lines = [f"Can't find params for {script.id.val}!"]
    for ending in endings:
        for name, content in (("stdout", ending.stdout), ("stderr", ending.stderr)):
            if content:
                lines.append(f"{name}:\n{content.decode(errors='replace')}")
        if ending.is_late:
            lines.append(f"It took longer than {_PARSE_LIMIT:.0f} s.")
    return "\n".join(lines)
