"""Pixels on disk: their types, their arrays, and the rules of reading and writing."""
