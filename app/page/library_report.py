"""How well the files of a collection were read: numbers, plots, and the files to look at."""

from collections.abc import Sequence
from importlib.resources import files

import streamlit as st

from citewell.app.page.escaping import escaped
from citewell.app.reports.charts import as_image
from citewell.app.reports.page import facts_html, plots, report_page
from citewell.app.reports.summary import STATES, FileReport, State, Summary, summarise
from citewell.app.tables import counted
from citewell.retrieval.reading import Reading

MOST_LISTED = 100
"""Files of a state that are named; the page to download names all."""


def show_report(collection: str, readings: Sequence[Reading]) -> None:
    """Show the reading report of a collection."""
    if not readings:
        st.html('<p class="cw-quiet">Nothing has been read yet.</p>')
        return
    summary = summarise(collection, readings)
    st.html(report_html(summary))
    st.download_button(
        "Download the whole report",
        report_page(summary),
        file_name=f"{collection}-report.html",
        mime="text/html",
        icon=":material/download:",
        on_click="ignore",
    )


def report_html(summary: Summary) -> str:
    """Return the report as HTML without script or SVG; what needs attention stands open."""
    style = files("citewell.app.reports").joinpath("report.css").read_text("utf-8")
    style += ".plot { font-family: system-ui, sans-serif; }"
    figures = "".join(
        f"<figure><figcaption>{name}</figcaption>{as_image(plot, style)}</figure>"
        for name, plot in plots(summary)
    )
    parts = "".join(_part(state, summary.files) for state in STATES)
    return (
        f'<div class="cw-report">{facts_html(summary.totals)}'
        f'<div class="plots">{figures}</div>{parts}</div>'
    )


def _part(state: State, reports: Sequence[FileReport]) -> str:
    found = [report for report in reports if report.state == state]
    if not found:
        return ""
    rows = "".join(_row(report) for report in found[:MOST_LISTED])
    more = len(found) - MOST_LISTED
    rest = f"<li>… and {more:,} more; the report to download names all</li>" if more > 0 else ""
    opened = "" if state in ("good", "skipped") else " open"
    return (
        f'<details class="cw-part"{opened}><summary>{counted(len(found), "file")} '
        f'{STATES[state]}</summary><ul class="cw-list">{rows}{rest}</ul></details>'
    )


def _row(report: FileReport) -> str:
    reading = report.reading
    pages = f"{counted(len(reading.pages), 'page')}, " if reading.pages else ""
    notes = "; ".join(report.notes) or f"{pages}{counted(reading.words, 'word')}"
    return (
        f'<li><bdi class="cw-name">{escaped(reading.name)}</bdi>: '
        f'<span class="cw-quiet">{escaped(notes)}</span></li>'
    )
