from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from napari_omero_io.client.credentials import (
    forget_password,
    has_keyring,
    hold_password,
    keep_password,
    recall_password,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture(autouse=True)
def _restore_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_passwords_are_kept_by_server_and_user() -> None:
    keyring.set_keyring(MemoryKeyring())
    assert keep_password("a:4064", "jo", "one")
    assert keep_password("b:4064", "jo", "two")
    assert recall_password("a:4064", "jo") == "one"
    assert recall_password("a:4064", "al") is None
    forget_password("a:4064", "jo")
    forget_password("a:4064", "jo")
    assert recall_password("a:4064", "jo") is None
    assert recall_password("b:4064", "jo") == "two"


def test_without_a_keyring_nothing_is_kept_and_nothing_fails() -> None:
    keyring.set_keyring(NoKeyring())
    assert not keep_password("a:4064", "jo", "one")
    assert recall_password("a:4064", "jo") is None
    forget_password("a:4064", "jo")


def test_passwords_of_this_run_need_no_keyring() -> None:
    keyring.set_keyring(NoKeyring())
    assert not has_keyring()
    hold_password("ssl://a:4064", "jo", "one")
    assert recall_password("a", "jo") == "one"
    assert recall_password("a:4065", "jo") is None
    forget_password("a", "jo")
    assert recall_password("a", "jo") is None


def test_public_accounts_have_their_names_for_passwords() -> None:
    keyring.set_keyring(MemoryKeyring())
    assert has_keyring()
    assert recall_password("a", "public") == "public"
    assert recall_password("a", "guest") == "guest"
