"""OMERO.web in front of a sandbox, one for each file of tests.

Tests of one file would otherwise meet what those of another have added.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from napari_omero_io import Sandbox
from napari_omero_io.sandbox.web.environment import (
    FOLDER_VARIABLE,
    find_folder,
    is_ready,
)
from napari_omero_io.sandbox.web.process import OmeroWeb

from .laboratory import PASSWORD, USER, Laboratory, fill
from .visitor import Visitor

SCRIPT = """
import omero.scripts as scripts
from omero.rtypes import rlong, rstring

client = scripts.client(
    "Add_Up.py",
    "Adds two numbers.",
    scripts.Long("First", optional=False, grouping="1", default=1),
    scripts.Long("Second", grouping="2", default=5, min=0, max=10),
    scripts.String("Kind", grouping="3", values=[rstring("a"), rstring("b")]),
    scripts.List("IDs", grouping="4").ofType(rlong(0)),
    version="1.0",
)
try:
    given = client.getInputs(unwrap=True)
    print("adding", given)
    total = given["First"] + given["Second"]
    client.setOutput("Message", rstring(f"The sum is {total}"))
finally:
    client.closeSession()
"""


@dataclass(frozen=True)
class Site:
    """A web client, the server behind it, and what is on that."""

    sandbox: Sandbox
    web: OmeroWeb
    laboratory: Laboratory

    @property
    def origin(self) -> str:
        return self.web.url.removesuffix("/webclient/")

    def log_in(self, user: str = USER, password: str = PASSWORD) -> Visitor:
        return Visitor(self.origin, user, password)

    def read_log(self) -> str:
        return (self.web.folder / "var/log/OMEROweb.log").read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = find_folder()
    if not is_ready(folder):
        pytest.skip(
            "OMERO.web is not installed: `napari-omero-io sandbox web --prepare` does "
            f"that; {FOLDER_VARIABLE}={os.environ.get(FOLDER_VARIABLE, '')}"
        )
    # OMERO.web takes for granted that official scripts lie in a folder of a folder.
    scripts = tmp_path_factory.mktemp("scripts")
    place = scripts / "omero" / "util_scripts"
    place.mkdir(parents=True)
    (place / "Add_Up.py").write_text(SCRIPT)
    with Sandbox(scripts=scripts) as sandbox:
        laboratory = fill(sandbox)
        # webgateway/img_detail remains OMERO.web's own viewer.
        with OmeroWeb(
            sandbox.host, sandbox.port, iviewer=True, environment=folder
        ) as web:
            yield Site(sandbox, web, laboratory)


@pytest.fixture(scope="module")
def ann(site: Site) -> Visitor:
    return site.log_in()


@pytest.fixture(scope="module")
def root(site: Site) -> Visitor:
    return site.log_in(site.sandbox.user, site.sandbox.password)


@pytest.fixture(scope="module")
def pages(site: Site) -> Path:
    return Path(__file__).with_name("pages.txt")
