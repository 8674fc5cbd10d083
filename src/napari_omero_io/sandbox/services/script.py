"""IScript: scripts as clients list, read, store and run them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import robject, rstring
from sqlalchemy import delete

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import (
    ApiUsage,
    Internal,
    Invalid,
    NoProcessor,
    NotAllowed,
)
from napari_omero_io.sandbox.processor import (
    call_after,
    check_inputs,
    end_session,
)
from napari_omero_io.sandbox.rules.caller import ALL_GROUPS
from napari_omero_io.sandbox.scripts import jobs, official
from napari_omero_io.sandbox.scripts.files import (
    INERT,
    LOOKUP_TABLE,
    RUNNABLE,
    build_file,
    find_file,
    is_official,
    mimetype_of,
    read_text,
    save_file,
    split_path,
    within,
)
from napari_omero_io.sandbox.store.repositories import SCRIPTS, as_root
from napari_omero_io.sandbox.store.saving import delete_object

from .script_process import ScriptProcess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.processor import Processor
    from napari_omero_io.sandbox.sessions import SessionState

#: Seconds that a client may wait for a processor.
_LONGEST_WAIT = 180
_LIST = (
    "select f from OriginalFile f left outer join fetch f.hasher "
    "where f.mimetype in (:types) and "
)


class ScriptService:
    """Lists and stores scripts; runs them where the server has a processor."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core
        self._session = session

    def getScripts(self, call: Call) -> list[Any]:
        """Return the official scripts."""
        return self._official(call, RUNNABLE)

    def getScriptsByMimetype(self, call: Call, mimetype: str) -> list[Any]:
        """Return the official files of a type, such as the lookup tables."""
        return self._official(call, (mimetype,))

    def getUserScripts(self, call: Call, accepts: Sequence[Any]) -> list[Any]:
        """Return the scripts of users and groups; without any, of the current group."""
        text = f"{_LIST} f.repo is null"
        values: dict[str, Any] = {"types": list(RUNNABLE)}
        users, groups = _read_accepted(accepts)
        chosen = []
        if users:
            chosen.append("f.details.owner.id in (:users)")
            values["users"] = users
        if groups:
            chosen.append("f.details.group.id in (:groups)")
            values["groups"] = groups
        if chosen:
            text += f" and ({' or '.join(chosen)})"
        return self._find(call, f"{text} order by f.id", values)

    def getScriptID(self, call: Call, path: str) -> int:
        """Return the id of an official script by its path; -1 if there is none."""
        folder, name = split_path(path)
        for file in self._official(call, (*RUNNABLE, LOOKUP_TABLE)):
            if (file.path.val, file.name.val) == (folder, name):
                return int(file.id.val)
        return -1

    def getScriptText(self, call: Call, script_id: int) -> str:
        """Return the text of a script; of anything else an empty one."""
        script = self._script(call, script_id)
        return "" if script is None else read_text(call, script)

    def getScriptWithDetails(self, call: Call, script_id: int) -> dict[str, Any]:
        """Return the text of a script, and its file."""
        script = self._script(call, script_id)
        return {} if script is None else {read_text(call, script): robject(script)}

    def getParams(self, call: Call, script_id: int) -> Any:
        """Return the parameters of a script; None if there is no such script."""
        script = self._script(call, script_id)
        if script is None:
            return None
        return self._processor().read_parameters(self._grouped(call), script)

    def uploadScript(self, call: Call, path: str, text: str) -> int:
        """Store a script of the caller's own; return its id."""
        file = build_file(path)
        with self._core.database.write() as connection:
            saved = save_file(connection, call, file, text.encode())
        self._check_parameters(call, saved)
        return int(saved.id.val)

    def uploadOfficialScript(self, call: Call, path: str, text: str) -> int:
        """Put a script into the server's folder; return its id."""
        folder = self._folder(call, "WriteScriptRepo")
        if official.locate(folder, path).exists():
            raise ApiUsage(
                f"A script {path} exists already. "
                "Use editScript to modify existing official scripts."
            )
        official.write_script(folder, path, text.encode())
        script_id = self.getScriptID(call, path)
        self._check_parameters(call, find_file(call, script_id))
        return script_id

    def editScript(self, call: Call, file: Any, text: str) -> None:
        """Replace the text of a script."""
        if file is None or file.id is None:
            raise ApiUsage("Only a script with an id can be edited.")
        script = self._known(call, int(file.id.val))
        if is_official(script):
            folder = self._folder(call, "WriteScriptRepo")
            path = f"{script.path.val}{script.name.val}"
            official.write_script(folder, path, text.encode())
            official.update_rows(self._core, folder)
        else:
            inside = within(call, int(script.details.group.id.val))
            script.mimetype = rstring(mimetype_of(script.name.val))
            with self._core.database.write() as connection:
                save_file(connection, inside, script, text.encode())
        self._check_parameters(call, find_file(call, int(file.id.val)))

    def deleteScript(self, call: Call, script_id: int) -> None:
        """Delete a script, and the links of jobs to it."""
        script = self._known(call, script_id)
        inside = within(call, int(script.details.group.id.val))
        source = None
        if is_official(script):
            folder = self._folder(call, "DeleteScriptRepo")
            source = official.locate(folder, f"{script.path.val}{script.name.val}")
            inside = as_root(self._core)
        links = self._core.database.tables["JobOriginalFileLink"]
        with self._core.database.write() as connection:
            # Jobs of other people, too; all is undone where the script may not go.
            connection.execute(delete(links).where(links.c.child_id == script_id))
            delete_object(connection, inside, script)
        if source is not None:
            source.unlink(missing_ok=True)
        self._core.files.delete([script_id])

    def canRunScript(self, call: Call, script_id: int) -> bool:
        """Tell whether there is a processor that runs a script."""
        processor, script = self._core.processor, self._script(call, script_id)
        return (
            processor is not None
            and script is not None
            and processor.accepts(call, script)
        )

    def validateScript(self, call: Call, job: Any, accepts: Sequence[Any]) -> Any:
        """Return the script of a job, if it is official or belongs to the accepted."""
        if job is None or job.id is None:
            raise ApiUsage("Only a job with an id can be validated.")
        users, groups = _read_accepted(accepts)
        text = (
            "select f from Job j join j.originalFileLinks l join l.child f "
            "where j.id = :id and f.mimetype in (:types)"
        )
        values = {"id": job.id.val, "types": list(RUNNABLE)}
        for script in self._find(call, text, values):
            details = script.details
            if (
                is_official(script)
                or details.owner.id.val in users
                or details.group.id.val in groups
            ):
                return script
        return None

    def runScript(
        self, call: Call, script_id: int, inputs: Mapping[str, Any], wait: Any
    ) -> Any:
        """Start a script; return its process.

        Raises
        ------
        NoProcessor
            The server has none, or it does not run this script.
        Invalid
            The inputs are not what the script asks for.
        """
        if wait is not None and wait.val > _LONGEST_WAIT:
            raise ApiUsage("Delay is too long. Maximum = 3 minutes.")
        script = self._script(call, script_id)
        if script is None:
            raise _unknown(script_id)
        processor = self._processor()
        inside = self._grouped(call)
        if not processor.accepts(inside, script):
            raise NoProcessor(1)
        job_id = jobs.create_job(inside, script)
        session = processor.begin_session(inside)
        try:
            params = processor.read_parameters(inside, script)
            check_inputs(params, inputs or {}, session)
            process = ScriptProcess(job_id, session)
            jobs.change_job(inside, job_id, jobs.RUNNING)
            run = processor.start(
                inside,
                script,
                session,
                {"omero.job": str(job_id)},
                self._core.config.number("omero.scripts.timeout") / 1000,
                lambda ending: process.finish(
                    call_after(inside, session), params, ending
                ),
            )
        except BaseException as error:
            end_session(inside, session)
            jobs.change_job(inside, job_id, jobs.ERROR, str(error))
            raise
        process.follow(run)
        if call.publish is None:
            raise Internal("A script is run by a session.")
        return call.publish(omero.grid.ScriptProcess, process)

    def _processor(self) -> Processor:
        if self._core.processor is None:
            raise NoProcessor(0)
        return self._core.processor

    def _folder(self, call: Call, privilege: str) -> Any:
        if not call.caller.is_admin:
            raise NotAllowed("User is not an administrator")
        if privilege not in call.caller.privileges:
            raise NotAllowed("No permission to upload script")
        return self._processor().scripts

    def _official(self, call: Call, types: Sequence[str]) -> list[Any]:
        processor = self._core.processor
        official.update_rows(self._core, processor.scripts if processor else None)
        values = {"types": list(types), "repo": SCRIPTS}
        return self._find(call, f"{_LIST} f.repo = :repo order by f.id", values)

    def _script(self, call: Call, script_id: int) -> Any:
        """Return the file of a script; None if there is none or it is inert."""
        file = find_file(call, script_id)
        if file is None or file.mimetype is None:
            return None
        return file if file.mimetype.val in RUNNABLE else None

    def _known(self, call: Call, script_id: int) -> Any:
        """Return the file of a script, also of one that is inert."""
        file = find_file(call, script_id)
        known = (*RUNNABLE, LOOKUP_TABLE)
        if file is None or file.mimetype is None:
            raise _unknown(script_id)
        if file.mimetype.val in known:
            return file
        if file.mimetype.val == INERT and mimetype_of(file.name.val) in known:
            return file
        raise _unknown(script_id)

    def _find(self, call: Call, text: str, values: Mapping[str, Any]) -> list[Any]:
        with self._core.database.read() as connection:
            found: list[Any] = hql.find(connection, call, text, values)
        return found

    def _grouped(self, call: Call) -> Call:
        """Return the call in one group: a script runs in none and in all never."""
        if call.caller.group_id != ALL_GROUPS:
            return call
        return within(call, self._session.group_id)

    def _check_parameters(self, call: Call, script: Any) -> None:
        """Ask a new script for its parameters; one that gives none becomes inert.

        Without a processor nobody can be asked, and the script is stored as it is.
        """
        processor = self._core.processor
        if processor is None or script.mimetype.val not in RUNNABLE:
            return
        inside = self._grouped(call)
        try:
            processor.read_parameters(inside, script)
        except Invalid:
            owner = (
                as_root(self._core)
                if is_official(script)
                else within(call, int(script.details.group.id.val))
            )
            self._make_inert(owner, int(script.id.val))
            raise

    def _make_inert(self, call: Call, script_id: int) -> None:
        script = find_file(call, script_id)
        script.mimetype = rstring(INERT)
        content = self._core.files.path(script_id).read_bytes()
        with self._core.database.write() as connection:
            save_file(connection, call, script, content)


def _unknown(script_id: int) -> ApiUsage:
    return ApiUsage(f"No script with id {script_id} on server.")


def _read_accepted(accepts: Sequence[Any] | None) -> tuple[list[int], list[int]]:
    """Return the ids of the users and of the groups among some objects."""
    users, groups = [], []
    for one in accepts or ():
        if isinstance(one, omero.model.Experimenter):
            users.append(int(one.id.val))
        elif isinstance(one, omero.model.ExperimenterGroup):
            groups.append(int(one.id.val))
        else:
            raise Invalid(f"Only users and groups have scripts, not {one}.")
    return users, groups
