"""Stop the build when a checkout has lost the links that hold the package together."""

from pathlib import Path

from setuptools import setup

for folder in ("app", "ingest", "retrieval"):
    if not (Path(__file__).parent / "src" / "citewell" / folder / "__init__.py").is_file():
        raise SystemExit(
            f"src/citewell/{folder} is not a link to {folder}/. "
            "Clone with symbolic links on: git clone -c core.symlinks=true"
        )

setup()
