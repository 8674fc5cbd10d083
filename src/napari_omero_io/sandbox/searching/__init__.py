"""Full text: what users type → which objects are found.

A query's way: `language` (text → tree) → `documents` (rows → the words of each
object) → `matching` (which documents a tree finds, the best first).
"""
