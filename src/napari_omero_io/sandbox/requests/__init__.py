"""Requests of `omero.cmd`: asked for with `submit`, answered through a handle."""

from .submitting import begin, submit

__all__ = ["begin", "submit"]
