"""Windows and panels: they show what they are told and say what the user wants."""
