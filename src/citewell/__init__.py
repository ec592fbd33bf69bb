"""Citewell answers questions from your own documents, and checks every citation it shows.

The parts are imported by name: ``citewell.retrieval`` finds passages and can be embedded in
other programs, ``citewell.ingest`` reads folders into the store, ``citewell.app`` answers.
"""

__version__ = "0.1.0"
