"""Lets tests import ``bench``, which is no part of the package, however pytest is started."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))
