"""What OMERO's model is: classes, fields, tables, enumerations."""
