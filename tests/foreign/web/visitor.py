"""What a program does that talks to OMERO.web: logs in, keeps cookies, posts forms."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import mimetypes
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Seconds for one answer.
PATIENCE = 300


@dataclass(frozen=True)
class Answer:
    """Status, text and final address of one request."""

    status: int
    kind: str
    content: bytes
    url: str

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def data(self) -> Any:
        return json.loads(self.content)


class Visitor:
    """Somebody who is logged in to OMERO.web.

    Parameters
    ----------
    origin
        ``http://host:port``.
    """

    def __init__(self, origin: str, user: str, password: str) -> None:
        self.origin = origin
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self._cookies),
        )
        page = self.get("/webclient/login/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page
        form = {"username": user, "password": password, "server": "1"}
        self.first = self.post(
            "/webclient/login/", form | {"csrfmiddlewaretoken": found[1]}
        )

    def get(self, path: str) -> Answer:
        return self._ask(urllib.request.Request(self._address(path)))

    def post(
        self,
        path: str,
        form: Mapping[str, Any],
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> Answer:
        """Send a form; a list is a field that occurs several times."""
        fields = [
            (name, str(value))
            for name, values in form.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        if files:
            kind, body = _write_parts(fields, files)
        else:
            kind = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(fields).encode()
        return self._send("POST", path, kind, body)

    def send(self, method: str, path: str, data: object = None) -> Answer:
        """Send JSON."""
        body = json.dumps(data).encode()
        return self._send(method, path, "application/json", body)

    def _send(self, method: str, path: str, kind: str, body: bytes) -> Answer:
        request = urllib.request.Request(self._address(path), body, method=method)
        request.add_header("Content-Type", kind)
        request.add_header("Referer", self.origin)
        for cookie in self._cookies:
            if cookie.name == "csrftoken":
                request.add_header("X-CSRFToken", cookie.value or "")
        return self._ask(request)

    def _address(self, path: str) -> str:
        return self.origin + urllib.parse.quote(path, safe="/?&=$|:,-*~%")

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            answer: http.client.HTTPResponse = self._opener.open(
                request, timeout=PATIENCE
            )
        except urllib.error.HTTPError as error:
            answer = error  # type: ignore[assignment]
        with answer:
            kind = answer.headers.get("Content-Type", "")
            return Answer(answer.status, kind, answer.read(), answer.url)


def _write_parts(
    fields: Sequence[tuple[str, str]], files: Mapping[str, tuple[str, bytes]]
) -> tuple[str, bytes]:
    """Write a form with files, as a browser does."""
    border = uuid.uuid4().hex
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields
    ]
    for name, (file_name, content) in files.items():
        kind = mimetypes.guess_type(file_name)[0] or "application/octet-stream"
        head = (
            f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"'
            f"\r\nContent-Type: {kind}\r\n\r\n"
        )
        parts.append(head.encode() + content)
    line = f"--{border}\r\n".encode()
    body = b"".join(line + part + b"\r\n" for part in parts)
    return f"multipart/form-data; boundary={border}", body + f"--{border}--".encode()
