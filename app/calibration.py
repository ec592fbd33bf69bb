"""The calibration that is kept with a collection, and the one in force for a question."""

import json
from dataclasses import asdict, dataclass
from typing import Literal, Protocol, Self

from citewell.app.sufficiency import (
    AS_FITTED,
    BY_READING,
    BY_WORDS,
    MODEL_VERSION,
    Calibration,
)
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Collection

FORMAT = 1
"""Of what is stored."""

MUCH = 0.25
"""Share of the documents that may come, go or change before a calibration counts as old."""

Source = Literal["given", "made"]


class Held(Protocol):
    """A collection with what is kept with it, as a retriever has it."""

    @property
    def calibration(self) -> str | None: ...
    @property
    def collection(self) -> Collection: ...


@dataclass(frozen=True, slots=True)
class KeptCalibration:
    """A calibration with what it was made from. No text of the documents is in it.

    Attributes:
        slope: As in `Calibration`, like ``offset`` and ``threshold``.
        share: Of the answerable questions, that the threshold was to decline at the most.
        source: Whether the questions were given or made from the documents.
        answerable: How many of them the documents answer.
        unanswerable: How many they do not.
        reader: Whether a reader had read the evidence.
        generation: Of the collection, like ``documents`` and ``chunks``, when it was made.
        model: Version of the model that it corrects.
    """

    slope: float
    offset: float
    threshold: float
    share: float
    source: Source
    answerable: int
    unanswerable: int
    reader: bool
    generation: int
    documents: int
    chunks: int
    model: int = MODEL_VERSION

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what was stored, or None if this Citewell cannot read it."""
        try:
            facts = json.loads(text)
            if facts.pop("format") != FORMAT:
                return None
            found = cls(**facts)
            fits = found.slope > 0 and 0 <= found.threshold <= 1
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        return found if fits else None

    def written(self) -> str:
        """Return it as it is stored."""
        return json.dumps({"format": FORMAT, **asdict(self)})

    @property
    def calibration(self) -> Calibration:
        """What it comes to."""
        return Calibration(self.slope, self.offset, self.threshold)

    def fits(self, *, reader: bool) -> bool:
        """Tell whether it corrects the model that judges now."""
        return self.model == MODEL_VERSION and self.reader == reader


def calibration_in_force(retriever: Held, settings: Settings) -> Calibration:
    """Return the collection's calibration, or the model as fitted if it has none that fits.

    A threshold in the settings takes the place of either's.
    """
    kept = kept_calibration(retriever)
    fits = kept is not None and kept.fits(reader=settings.reader != "none")
    found = kept.calibration if kept is not None and fits else AS_FITTED
    if settings.threshold is None:
        return found
    return Calibration(found.slope, found.offset, settings.threshold)


def threshold_in_force(retriever: Held, settings: Settings) -> float:
    """Return the least probability at which a question is answered."""
    found = calibration_in_force(retriever, settings).threshold
    if found is not None:
        return found
    return (BY_WORDS if settings.reader == "none" else BY_READING).threshold


def kept_calibration(retriever: Held) -> KeptCalibration | None:
    """Return what is kept with the collection, if this Citewell can read it."""
    text = retriever.calibration
    return None if text is None else KeptCalibration.read(text)


def why_out_of_date(retriever: Held, settings: Settings) -> str:
    """Return why the collection should be calibrated again; blank if it need not be, or never was.

    The collection's generation counts its changes; more than a quarter of the documents is much.
    """
    text = retriever.calibration
    if text is None:
        return ""
    kept = KeptCalibration.read(text)
    if kept is None or kept.model != MODEL_VERSION:
        return f"The calibration was made by another Citewell and is not used. {_again(settings)}"
    if not kept.fits(reader=settings.reader != "none"):
        reader = "with" if kept.reader else "without"
        return f"The calibration was made {reader} a reader and is not used. {_again(settings)}"
    changed = share_changed(kept, retriever.collection)
    if changed <= MUCH:
        return ""
    return f"{changed:.0%} of the documents changed since the calibration. {_again(settings)}"


def share_changed(kept: KeptCalibration, now: Collection) -> float:
    """Return about what share of the documents came, went or changed since, 0 to 1."""
    if now.generation == kept.generation:
        return 0.0
    parts = (
        (now.generation - kept.generation) / max(1, kept.documents),
        abs(now.documents - kept.documents) / max(1, kept.documents),
        abs(now.chunks - kept.chunks) / max(1, kept.chunks),
    )
    return min(1.0, max(parts))


def _again(settings: Settings) -> str:
    return f"Run: citewell calibrate --collection {settings.collection}"
