"""The report as one page that stands alone: nothing is fetched, names are escaped."""

import hashlib
from base64 import b64encode
from importlib.resources import files

from citewell.app.page.escaping import escaped
from citewell.app.reports.charts import bars, columns, histogram, strip
from citewell.app.reports.script import SCRIPT
from citewell.app.reports.summary import STATES, FileReport, State, Summary, Totals
from citewell.app.tables import counted
from citewell.retrieval.reading import PageReading

_WORDS = (1, 50, 100, 200, 300, 400, 600)
_WORD_LABELS = ("0", "1+", "50+", "100+", "200+", "300+", "400+", "600+")
_SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_SECOND_LABELS = ("<0.1", "0.1+", "0.3+", "1+", "3+", "10+", "30+")
_MOST_LANGUAGES = 6

_KINDS: dict[State, str] = {
    "failed": "failed",
    "skipped": "skipped",
    "no text": "none",
    "OCR": "ocr",
    "doubtful": "doubt",
    "good": "good",
}
"""The class that gives each state its colour."""

_SOURCES = {
    "text": ("text layer", "good"),
    "ocr": ("recognised (OCR)", "ocr"),
    "none": ("no text", "none"),
}
_HEADS = (
    ("File", ""),
    ("State", ""),
    ("Pages", "number"),
    ("Words", "number"),
    ("Language", ""),
    ("Seconds", "number"),
    ("Notes", ""),
)


def report_page(summary: Summary) -> str:
    """Return the page as HTML."""
    style = files("citewell.app.reports").joinpath("report.css").read_text("utf-8")
    name = escaped(summary.collection)
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{name}: how the documents were read</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<h1>{name}: how the documents were read</h1>
<p>A question finds only what was read. Files that could not be read, pages without text and text
that may be wrong come first below; an answer that is missing may be in one of them.</p>
</header>
{facts_html(summary.totals)}
<h2>At a glance</h2>
<div class="plots">{_figures(summary)}</div>
<h2>Files</h2>
{_tools(summary.totals)}
{_table(summary)}
<footer>Made by <code>citewell report --html</code>. Read again what has changed:
<code>citewell ingest PATH --collection {name}</code></footer>
</main>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _hash(text: str) -> str:
    """Return the source expression that lets exactly this text in (CSP Level 3, 2.3.1)."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def facts_html(totals: Totals) -> str:
    """Return the numbers that a report begins with."""
    attention = totals.files - totals.states.get("good", 0) - totals.states.get("skipped", 0)
    unread = totals.sources.get("none", 0)
    facts = (
        ("Files", totals.files, counted(totals.documents, "document")),
        ("Need attention", attention, f"{totals.states.get('failed', 0):,} could not be read"),
        ("Pages", totals.pages, f"{unread:,} without text, {totals.doubtful:,} doubtful"),
        ("Words", totals.words, counted(totals.tables, "table")),
        ("Reading took", f"{totals.seconds:,.1f} s", f"{totals.size / 2**20:,.1f} MiB of files"),
    )
    cells = "".join(
        f"<div><dt>{name}</dt><dd>{value if isinstance(value, str) else f'{value:,}'}"
        f"<small>{more}</small></dd></div>"
        for name, value, more in facts
    )
    return f'<dl class="facts">{cells}</dl>'


def _figures(summary: Summary) -> str:
    return "".join(
        f"<figure><figcaption>{name}</figcaption>{plot}</figure>" for name, plot in plots(summary)
    )


def plots(summary: Summary) -> list[tuple[str, str]]:
    """Return the plots of a report as SVG, each after its name."""
    totals = summary.totals
    readings = [file.reading for file in summary.files if file.reading.status == "read"]
    words = [page.words for reading in readings for page in reading.pages]
    sources = [
        (label, totals.sources[source], kind)
        for source, (label, kind) in _SOURCES.items()
        if source in totals.sources
    ]
    if totals.doubtful:
        sources.append(("of these doubtful", totals.doubtful, "doubt"))
    return [
        ("Files by state", _states(totals)),
        ("Files by language", bars("Files by language", _languages(totals))),
        ("Pages by source of their text", bars("Pages by source of their text", sources)),
        ("Words on a page", columns("Words on a page", histogram(words, _WORDS, _WORD_LABELS))),
        (
            "Seconds to read a file",
            columns(
                "Seconds to read a file",
                histogram([reading.seconds for reading in readings], _SECONDS, _SECOND_LABELS),
            ),
        ),
    ]


def _states(totals: Totals) -> str:
    rows = [(state, number, _KINDS[state]) for state, number in totals.states.items()]
    return bars("Files by state", rows)


def _languages(totals: Totals) -> list[tuple[str, int, str]]:
    known = list(totals.languages.items())
    rows = [(name or "not clear", number, "") for name, number in known[:_MOST_LANGUAGES]]
    rest = sum(number for _, number in known[_MOST_LANGUAGES:])
    return [*rows, ("others", rest, "")] if rest else rows


def _tools(totals: Totals) -> str:
    choices = "".join(
        f'<option value="{_KINDS[state]}">{state} ({number:,})</option>'
        for state, number in totals.states.items()
    )
    return (
        '<div id="tools" hidden><label>Find<input id="filter" type="search"></label>'
        f'<label>State<select id="state"><option value="">all</option>{choices}</select></label>'
        '<output id="shown"></output></div>'
    )


def _table(summary: Summary) -> str:
    heads = "".join(
        f'<th scope="col" class="{kind}"><button type="button" disabled>{name}</button></th>'
        for name, kind in _HEADS
    )
    rows = "\n".join(_row(file) for file in summary.files)
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Files">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(file: FileReport) -> str:
    reading, kind = file.reading, _KINDS[file.state]
    place = list(STATES).index(file.state)
    notes = "".join(f"<li>{escaped(note)}</li>" for note in file.notes)
    return (
        f'<tr data-state="{kind}">'
        f'<th scope="row" title="{escaped(str(reading.path))}">{escaped(reading.name)}</th>'
        f'<td data-key="{place}"><span class="state {kind}">{file.state}</span></td>'
        f"{_number(len(reading.pages), f'{len(reading.pages):,}' if reading.pages else '–')}"
        f"{_number(reading.words, f'{reading.words:,}' if reading.words else '–')}"
        f"<td>{escaped(reading.language) or '–'}</td>"
        f"{_number(reading.seconds, f'{reading.seconds:.1f}' if reading.seconds else '–')}"
        f'<td class="notes"><ul>{notes}</ul>{_strip(file)}</td></tr>'
    )


def _number(key: float, text: str) -> str:
    return f'<td class="number" data-key="{key}">{text}</td>'


def _strip(file: FileReport) -> str:
    """Draw a file's pages where one of them needs a look."""
    kinds = [_page_kind(page) for page in file.reading.pages]
    if len(kinds) < 2 or set(kinds) == {"good"}:
        return ""
    return strip(kinds, f"Pages: {counted(len(kinds) - kinds.count('good'), 'page')} to look at")


def _page_kind(page: PageReading) -> str:
    if not page.words:
        return "none"
    if page.doubt:
        return "doubt"
    return "ocr" if page.source == "ocr" else "good"
