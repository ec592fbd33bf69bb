"""Ingest in a process of its own: ``ingesting.py ROOT``, once for each line of standard input.

The place below ROOT is there already. Each line is printed back once all of it is stored.
"""

import runpy
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def main(root: Path) -> None:
    embedder = runpy.run_path(str(TESTS.parent / "conftest.py"))["AnimalEmbedder"]()
    place_type = runpy.run_path(str(TESTS / "conftest.py"))["Place"]
    place = place_type(root / "folder", root / "home", embedder)
    for line in sys.stdin:
        place.ingest()
        sys.stdout.write(line)
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
