"""HQL: text → tree → SQL → graphs of objects.

A query's way: `parse` (`grammar.lark` → `tree`) → `resolve` (names → joins) →
`compile` (→ one SQL text) → `shape` (rows → objects, or boxed values).
"""

from __future__ import annotations

from .shape import find, project

__all__ = ["find", "project"]
