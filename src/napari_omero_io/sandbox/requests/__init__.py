"""Requests of `omero.cmd`: asked for with `submit`, answered through a handle."""

from .submitting import submit

__all__ = ["submit"]
