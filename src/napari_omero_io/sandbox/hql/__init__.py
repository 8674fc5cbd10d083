"""HQL: text → tree → SQL → graphs of objects."""
