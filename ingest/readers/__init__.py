"""Readers, which turn the bytes of a file into documents.

Importing this loads none of the libraries that read; each reader loads its own when it reads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from citewell.ingest.readers.containers import refuse_ole
from citewell.ingest.readers.csv_reader import read_csv
from citewell.ingest.readers.docx_reader import read_docx
from citewell.ingest.readers.epub_reader import read_epub
from citewell.ingest.readers.html_reader import read_html
from citewell.ingest.readers.json_reader import read_json
from citewell.ingest.readers.jsonl_reader import NotDocuments, read_jsonl
from citewell.ingest.readers.mail_reader import read_mail
from citewell.ingest.readers.markdown_reader import read_markdown
from citewell.ingest.readers.msg_reader import read_msg
from citewell.ingest.readers.notebook_reader import read_notebook
from citewell.ingest.readers.ocr_engine import find_engine
from citewell.ingest.readers.odt_reader import read_odt
from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.ingest.readers.pptx_reader import read_pptx
from citewell.ingest.readers.rst_reader import read_rst
from citewell.ingest.readers.rtf_reader import read_rtf
from citewell.ingest.readers.sheet_reader import read_sheets
from citewell.ingest.readers.sniffing import EXTENSIONS, Format, format_of
from citewell.ingest.readers.source_reader import read_source
from citewell.ingest.readers.text_reader import read_text
from citewell.ingest.readers.unread import why_unread
from citewell.ingest.readers.xml_reader import read_xml
from citewell.retrieval.values import Document

__all__ = ["EXTENSIONS", "NotDocuments", "Reader", "reader_for", "why_unread"]


@dataclass(frozen=True)
class Reader:
    """Turns one format into documents.

    Attributes:
        id: Name and version such as ``pdf-1``, raised when the same bytes give other text.
        read: Takes the file's path and the document's name. Raises ReadError with a reason a
            user understands and without the path, NotDocuments for a file of something else.
        recognises: True when what it gives depends on the engine that recognises characters,
            which is then named in the id.
    """

    id: str
    read: Callable[[Path, str], list[Document]]
    recognises: bool = False


READERS: dict[Format, Reader] = {
    "pdf": Reader("pdf-3", read_pdf, recognises=True),
    "docx": Reader("docx-3", read_docx),
    "html": Reader("html-3", read_html),
    "markdown": Reader("markdown-3", read_markdown),
    "text": Reader("text-2", read_text),
    "jsonl": Reader("jsonl-3", read_jsonl),
    "json": Reader("json-2", read_json),
    "notebook": Reader("notebook-1", read_notebook),
    "rst": Reader("rst-1", read_rst),
    "xml": Reader("xml-1", read_xml),
    "source": Reader("source-1", read_source),
    "mail": Reader("mail-2", read_mail),
    "msg": Reader("msg-2", read_msg),
    "pptx": Reader("pptx-2", read_pptx),
    "sheet": Reader("sheet-2", read_sheets),
    "odt": Reader("odt-2", read_odt),
    "rtf": Reader("rtf-1", read_rtf),
    "epub": Reader("epub-2", read_epub),
    "csv": Reader("csv-1", read_csv),
    "ole": Reader("ole-1", refuse_ole),
}


def reader_for(path: Path) -> Reader | None:
    """Return the reader for a regular file, by its content first; None when none reads it."""
    found = format_of(path)
    if found is None:
        return None
    reader = READERS[found]
    engine = find_engine() if reader.recognises else None
    return replace(reader, id=f"{reader.id}+ocr-{engine.id}") if engine else reader
