"""Replies that are kept, for the systems that stay as they are while Citewell changes."""

import json
import re
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from bench.questions import GoldQuestion, read_rows
from bench.replies import Reply, reply_from


class KeptReplies:
    """The replies of one system with one model to the questions of one set, as JSON lines."""

    def __init__(self, folder: Path, system: str, model: str) -> None:
        name = re.sub(r"\W+", "-", f"{system} {model}".lower())
        self._path = folder / f"{name[:80]}-{sha256(model.encode()).hexdigest()[:8]}.jsonl"
        self._known: dict[tuple[str, str], Reply] = {}
        if self._path.is_file():
            for _, row in read_rows(self._path):
                self._known[row["id"], row["question"]] = reply_from(row["reply"])

    def get(self, question: GoldQuestion) -> Reply | None:
        """Return what is kept for a question."""
        return self._known.get((question.id, question.text))

    def put(self, question: GoldQuestion, reply: Reply) -> None:
        """Keep a reply, also for later runs."""
        self._known[question.id, question.text] = reply
        row = {"id": question.id, "question": question.text, "reply": asdict(reply)}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
