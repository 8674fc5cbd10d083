"""Saving: layers → plan → upload → receipt.

The plan is a pure function's answer: it can be shown, refused or carried out.
"""
