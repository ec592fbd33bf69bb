"""The program of a process that draws pages.

``python -m citewell.app.page_images.worker MEMORY_MB SECONDS``

It reads one job a line from standard input and answers each with one line on standard output,
both JSON. It ends when standard input closes, so it does not outlive the parent.
"""

import base64
import json
import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citewell.ingest.worker_limits import collect_jobs, limit_cpu, limit_memory, take_stdout

READY = "ready\n"

MOST_PIXELS = 16_000_000
"""Pixels of an image. A page that is narrow and very long is drawn smaller than it was asked."""

_GREY, _COLOUR = 0, 2
"""Colour types: https://www.w3.org/TR/png-3/#11IHDR."""


def main() -> None:
    """Answer jobs until standard input closes."""
    memory_mb, seconds = int(sys.argv[1]), float(sys.argv[2])
    answers = take_stdout()
    jobs = collect_jobs()
    import pypdfium2  # type: ignore[import-untyped]  # noqa: F401  the first page should not wait

    limit_memory(memory_mb)
    answers.write(READY)
    answers.flush()
    while True:
        job = json.loads(jobs.get())
        limit_cpu(seconds)
        answer = _answer(Path(job["path"]), job["page"], job["width"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _answer(path: Path, page: int, width: int) -> dict[str, Any]:
    import pypdfium2 as pdfium
    from pypdfium2.raw import FPDF_ERR_PASSWORD  # type: ignore[import-untyped]

    try:
        with pdfium.PdfDocument(path) as pdf:
            if not 1 <= page <= len(pdf):
                return {"error": "page", "pages": len(pdf)}
            return {"png": base64.b64encode(_draw(pdf, page, width)).decode()}
    except FileNotFoundError:
        return {"error": "gone"}
    except MemoryError:
        return {"error": "memory"}
    except pdfium.PdfiumError as error:
        return {"error": "password" if error.err_code == FPDF_ERR_PASSWORD else "damaged"}
    except Exception:  # the library may raise anything over a damaged file
        return {"error": "damaged"}


def _draw(pdf: Any, number: int, width: int) -> bytes:
    """Return a page as it is shown, with its fields filled in, as a PNG."""
    import pypdfium2 as pdfium

    with suppress(pdfium.PdfiumError):  # a broken form is no reason to refuse the page
        pdf.init_forms()
    page = pdf[number - 1]
    try:
        across, down = page.get_size()
        scale = min(width / across, (MOST_PIXELS / (across * down)) ** 0.5)
        bitmap = page.render(scale=scale, rev_byteorder=True, limit_image_cache=True)
        return png(bitmap.to_numpy())
    finally:
        page.close()


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return an image as a PNG: an array of shape (height, width, 3), red, green, blue.

    Without colours it is written in grey, at a third of the size.
    Source: https://www.w3.org/TR/png-3/.
    """
    height, width, _ = pixels.shape
    first = pixels[..., :1]
    is_grey = bool((pixels == first).all())
    rows = (first if is_grey else pixels).reshape(height, -1)
    unfiltered = np.insert(rows, 0, 0, axis=1).tobytes()
    kind = _GREY if is_grey else _COLOUR
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(unfiltered, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, data) for name, data in parts)


def _part(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check


if __name__ == "__main__":
    main()
