from __future__ import annotations

import pytest

from napari_omero_io.refs import resolve_alias

ALIASES = {"www.example.org": "wss://ice.example.org/omero-ws"}


@pytest.mark.parametrize(
    "text",
    [
        "www.example.org",
        "WWW.Example.org",
        "https://www.example.org/omero/",
        "http://www.example.org:8080",
    ],
)
def test_a_web_address_stands_for_its_server(text: str) -> None:
    assert resolve_alias(text, ALIASES) == "wss://ice.example.org/omero-ws"


@pytest.mark.parametrize(
    "text",
    ["www.example.org:4064", "ssl://www.example.org", "other.example.org", "two words"],
)
def test_other_addresses_stand_for_themselves(text: str) -> None:
    assert resolve_alias(text, ALIASES) == text
