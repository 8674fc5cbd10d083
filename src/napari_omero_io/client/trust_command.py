"""``napari-omero-io trust HOST``: take the certificate that a server shows now."""

from __future__ import annotations

import argparse
import sys

from napari_omero_io.errors import OmeroIOError
from napari_omero_io.refs import ServerAddress, resolve_alias
from napari_omero_io.settings import (
    change_settings,
    load_settings,
    trust_certificate,
)

from .certificates import make_fingerprint, name_endpoint
from .probe import probe


def main(arguments: list[str] | None = None) -> int:
    """Show the old and the new certificate and ask; 0 when the new one is trusted."""
    parser = argparse.ArgumentParser(
        prog="napari-omero-io trust",
        description="Take a server's new certificate, once its administrator "
        "confirmed the fingerprint.",
    )
    parser.add_argument("server", help="host, host:port or wss://…")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(arguments)
    settings = load_settings()
    try:
        where = ServerAddress.parse(resolve_alias(options.server, settings.aliases))
        certificate = probe(where)
    except OmeroIOError as error:
        print(f"trust: {error}", file=sys.stderr)
        return 1
    if certificate is None:
        print(f"trust: {where} is not encrypted", file=sys.stderr)
        return 1
    endpoint, shown = name_endpoint(where), make_fingerprint(certificate)
    print(
        f"trusted  {settings.certificates.get(endpoint, 'none yet')}\nnow      {shown}"
    )
    if not options.yes and input("Trust it? [y/N] ").strip().lower() != "y":
        return 1
    change_settings(lambda known: trust_certificate(known, endpoint, shown))
    return 0
