"""What the pictures show: a lease as a PDF, a table, a text from right to left, a broken file."""

from pathlib import Path

_LEASE = (
    (
        "Lease of the old mill",
        "Between Hilda Venn, landlady, and Tobias Marsh, tenant, on the mill at 4 Weir Lane.",
        "1. Term. The lease begins on 1 March 2025 and ends on 28 February 2030. It is renewed "
        "for a year at a time unless one party gives notice in writing six months before.",
        "2. Use. The tenant may use the mill as a dwelling and a workshop, but not as an inn.",
    ),
    (
        "Rent and deposit",
        "3. Rent. The rent is 1,250 euros a month, due on the third working day. From the second "
        "year on it rises by 2 percent each March.",
        "4. Deposit. The tenant pays a deposit of 3,750 euros before moving in. The landlady "
        "returns it with interest within eight weeks of the end of the lease.",
        "5. Repairs. The landlady keeps roof, walls and water wheel in repair. Small repairs up "
        "to 80 euros each are the tenant's.",
    ),
)
_COSTS = """item,2023,2024,2025
Water wheel,4200,310,295
Roof,0,12850,0
Heating oil,2140,1985,2060
Insurance,870,905,940
"""
_HARBOUR = """# ميناء أوستراند

يفتح الميناء في الساعة السادسة صباحا ويغلق عند غروب الشمس. يدفع الصيادون عشرين درهما في اليوم.

بنيت المنارة عام 1873 من الجرانيت الأحمر، ويبلغ ارتفاعها 41 مترا.
"""


def write_documents(folder: Path) -> None:
    """Write them all into a folder, which is made."""
    folder.mkdir(parents=True)
    _write_lease(folder / "lease-old-mill.pdf")
    (folder / "costs.csv").write_text(_COSTS, "utf-8")
    (folder / "harbour.md").write_text(_HARBOUR, "utf-8")
    (folder / "scan-0042.pdf").write_bytes(b"%PDF-1.7\nbroken off")


def _write_lease(path: Path) -> None:
    """Set the lease in type, a page for each part."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer

    styles = getSampleStyleSheet()
    flow: list[object] = []
    for heading, *paragraphs in _LEASE:
        flow += [PageBreak()] if flow else []
        flow += [Paragraph(heading, styles["Heading1"]), Spacer(1, 12)]
        for text in paragraphs:
            flow += [Paragraph(text, styles["BodyText"]), Spacer(1, 8)]
    SimpleDocTemplate(str(path), pagesize=A4, title="Lease of the old mill").build(flow)
