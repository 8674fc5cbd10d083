"""Take one value of every type and give it back."""

import omero
import omero.scripts as scripts
from omero.rtypes import rint, rlong, robject, rstring


def main():
    client = scripts.client(
        "Every_Type.py",
        "Takes one value of every type and gives it back.",
        scripts.String("Text", optional=False, grouping="1", values=["one", "two"]),
        scripts.Int("Whole", grouping="2", min=0, max=10),
        scripts.Long("Long", grouping="2.1", default=2**40),
        scripts.Float("Single", grouping="2.2"),
        scripts.Double("Double", grouping="3"),
        scripts.Bool("Flag", grouping="4", default=True),
        scripts.Color("Color", grouping="5"),
        scripts.Point("Point", grouping="6"),
        scripts.Plane("Plane", grouping="7"),
        scripts.Object("Object", grouping="8"),
        scripts.List("IDs", grouping="9").ofType(rlong(0)),
        scripts.Set("Words", grouping="10").ofType(rstring("")),
        scripts.Map("Pairs", grouping="11"),
        scripts.Long("Answer").out(),
        authors=["A. Author", "B. Author"],
        institutions=["Here"],
        contact="nobody@example.org",
        version="1.2.3",
        namespaces=["example.org/test"],
        stdoutFormat="text/markdown",
    )
    try:
        values = client.getInputs()
        for name, value in values.items():
            client.setOutput(f"Got_{name}", value)
        client.setOutput("Answer", rlong(len(values)))
        client.setOutput("Message", rstring("seen"))
        client.setOutput("Job", rint(int(client.getProperty("omero.job"))))
        user = client.sf.getAdminService().getEventContext()
        client.setOutput("User", rstring(f"{user.userName}/{user.groupId}"))
        made = omero.model.TagAnnotationI()
        made.textValue = rstring("made by a script")
        made = client.sf.getUpdateService().saveAndReturnObject(made)
        client.setOutput("Made", robject(made))
        print("µ printed")
    finally:
        client.closeSession()


if __name__ == "__main__":
    main()
