"""What the demo's agency hands over with a phase: small papers and links, from the story.

Deliverables are added before the milestone is delivered, so that its invoice names them.
"""

from __future__ import annotations

from billing_core.demo.story import Phase, ProjectPlan, deliverables_of
from billing_core.flows.add_deliverable import add_deliverable
from billing_core.rules.nouns import Actor

_TOP, _LEADING = 760, 24
_FONTS = b"/Resources << /Font << /F1 5 0 R >> >>"
_PREVIEW = "https://preview.northlight.example"


def hand_over(plan: ProjectPlan, phase: Phase, milestone: str, actor: Actor) -> None:
    """Add what the story names for this phase of such a project."""
    for row in deliverables_of(plan.row["kind"], phase.number):
        name = row["name"].format(project=plan.row["name"])
        fields = {"name": name, "detail": row["detail"]}
        if row["form"] == "link":
            fields["url"] = f"{_PREVIEW}/{plan.row['number'].lower()}/{row['place']}"
            add_deliverable(milestone, fields, actor=actor)
        else:
            lines = [plan.row["name"], phase.title, "", row["detail"], "", phase.scope,
                     phase.acceptance]  # fmt: skip
            add_deliverable(milestone, fields, actor=actor, data=paper(lines))


def paper(lines: list[str]) -> bytes:
    """One A4 page with these lines as a PDF: the least that every reader opens."""
    text = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    drawn = f"BT /F1 14 Tf {_LEADING} TL 72 {_TOP} Td\n{text}ET".encode("cp1252", "replace")
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % _FONTS,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    file, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    file += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return file + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size, file.index(b"xref\n0 "),
    )  # fmt: skip


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
