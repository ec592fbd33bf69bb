"""Measurements of Citewell. Each module is a command: ``python -m bench.NAME``."""
