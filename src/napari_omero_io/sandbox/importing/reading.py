"""From a file's path to the images in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .imported import ImportedFile, ImportedImage, UnknownForm, UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path

#: The first bytes of every form of TIFF: little and big endian, classic and BigTIFF.
_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_COMPANION = b"<OME"
_TEXTS = (".companion.ome", ".ome.xml", ".ome")


def read_images(path: Path) -> list[ImportedImage]:
    """Describe the images of a file, as `read_file` does."""
    return list(read_file(path).images)


def read_file(path: Path) -> ImportedFile:
    """Describe what is in a file; pixels are read later, through their source.

    The content decides, not the name.  Known are TIFF with the OME-TIFF and ImageJ
    dialects, PNG and JPEG.
    An OME-XML text, in a file called ``.companion.ome``, ``.ome.xml`` or ``.ome``,
    names TIFF files beside it.  OME-XML may describe plates.

    Raises
    ------
    UnreadableFile
        The file is missing or damaged.
    UnknownForm
        It is empty or of another form.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        reason = error.strerror or error
        raise UnreadableFile(f"{path.name} cannot be read: {reason}.") from error
    if not head:
        raise UnknownForm(f"{path.name} is empty.")
    if head.startswith(_TIFF):
        from .tiff import read_tiff

        return read_tiff(path)
    if head.startswith((_PNG, _JPEG)):
        from .picture import read_picture

        return ImportedFile((read_picture(path),))
    if _COMPANION in head and path.name.lower().endswith(_TEXTS):
        from .tiff import read_companion

        return read_companion(path)
    raise UnknownForm(
        f"{path.name} is no image of a known form: "
        "TIFF, OME-TIFF, ImageJ TIFF, PNG and JPEG can be imported."
    )
