"""The `omero` command line, unmodified, in this process: it starts slowly."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import omero.cli
import pytest

# The client's own code, which nobody here can change.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::SyntaxWarning"),
]

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run one command and return what it prints; it must end well unless told."""
    monkeypatch.setenv("OMERO_USERDIR", str(tmp_path))
    monkeypatch.setenv("OMERO_SESSIONDIR", str(tmp_path / "sessions"))

    def invoke(*words: str, ends: int = 0) -> str:
        cli = omero.cli.CLI()
        cli.loadplugins()
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.invoke(list(words), strict=False)
            finally:
                cli.close()
        assert cli.rv == ends, f"{words}: {out.getvalue()} {err.getvalue()}"
        return (out.getvalue() + (err.getvalue() if ends else "")).strip()

    yield invoke
    invoke("logout")


@pytest.fixture
def login(run: Run, sandbox: Any) -> Callable[[str, str], None]:
    def log_in(user: str, password: str) -> None:
        server = f"{sandbox.host}:{sandbox.port}"
        run("login", "-C", "-s", server, "-u", user, "-w", password)

    return log_in


def test_people_and_groups(run: Run, login: Any) -> None:
    login("root", "omero")
    assert "with permissions rwra--" in run(
        "group", "add", "--type", "read-annotate", "cli-lab"
    )
    run("group", "add", "--type", "private", "cli-secret")
    added = run("user", "add", "--group-name", "cli-lab", "-P", "pw", "zoe", "Zoe", "Z")
    assert added.endswith("with password")
    run("user", "joingroup", "cli-secret", "--name", "zoe")
    run("group", "adduser", "--name", "cli-secret", "--user-name", "root")
    run("group", "adduser", "--name", "cli-secret", "--user-name", "root", "--as-owner")
    table = run("group", "list")
    row = next(line for line in table.splitlines() if "cli-secret" in line)
    assert [one.strip() for one in row.split("|")[2:]] == ["rw----", "False", "1", "1"]
    run("group", "perms", "--name", "cli-lab", "--perms", "rwrw--")
    assert "rwrw--" in run("group", "info", "cli-lab")
    run("user", "leavegroup", "cli-secret", "--name", "zoe")
    assert "cli-secret" not in run("user", "listgroups", "zoe")
    assert "root" in run("sessions", "who")
    assert run("ldap", "active", ends=1).endswith("No")
    login("zoe", "pw")
    assert "zoe" in run("sessions", "list")
    run("sessions", "timeout", "300")


def test_objects(run: Run, login: Any) -> None:
    login("root", "omero")
    run("group", "add", "--type", "read-only", "cli-objects")
    run("group", "add", "--type", "private", "cli-private")
    run("user", "add", "-P", "pw", "yan", "Yan", "Y", "cli-objects", "cli-private")
    run("user", "add", "-P", "pw", "xia", "Xia", "X", "cli-objects", "cli-private")
    login("yan", "pw")
    project = run("obj", "new", "Project", "name=p")
    dataset = run("obj", "new", "Dataset", "name=d")
    run("obj", "new", "ProjectDatasetLink", f"parent={project}", f"child={dataset}")
    run("obj", "update", project, "description=hello")
    assert run("obj", "get", project, "description") == "hello"
    run("obj", "null", project, "description")
    assert run("obj", "get", project, "description") == ""
    note = run("obj", "new", "MapAnnotation", "ns=x")
    run("obj", "map-set", note, "mapValue", "a", "b")
    assert run("obj", "map-get", note, "mapValue", "a") == "b"
    assert run("obj", "list-get", note, "mapValue", "0") == "(a,b)"
    rows = run("hql", "-q", "--style", "plain", "select p, p.name from Project p")
    number = project.partition(":")[2]
    assert f"ProjectI:{number}" in rows

    tag = run("tag", "create", "--name", "t1", "--desc", "x").partition(":")[2]
    run("tag", "link", project, tag)
    run("tag", "createset", "--tag", tag, "--name", "set", "--desc", "y")
    assert "t1" in run("tag", "list")

    report = run("chgrp", "cli-private", project, "--report")
    assert "Steps: 6" in report
    assert dataset in report.split("Included objects")[1]
    assert "(0 rows)" in run("hql", "-q", "select d.id from Dataset d")
    assert "switched to" in run("sessions", "group", "cli-private")
    below = run("delete", f"Project/Dataset:{number}", "--report", "--dry-run")
    assert dataset in below
    assert project not in below.split("Deleted objects")[1]
    failed = run("chown", "xia", project, "--report", ends=0)
    assert "FAILURE" in failed
    login("root", "omero")
    given = run("chown", "xia", project, "--report")
    assert dataset in given.split("Included objects")[1]
    assert "Deleted objects" in run("delete", project, "--report")
    assert "Total disk usage: 0 bytes" in run("fs", "usage", "Experimenter:0")
    assert "Image" in run("delete", "--list").split()
