"""What a made set is made of."""

from collections.abc import Mapping

from citewell.app.tuning.examples import Kind

SHARES: Mapping[Kind, float] = {
    "answer": 0.47,
    "sentence": 0.04,
    "several": 0.06,
    "table": 0.09,
    "conflict": 0.04,
    "injected": 0.05,
    "absent": 0.09,
    "unanswerable": 0.16,
}
"""Of each kind in a set; `answer` and `sentence` together, for the question says which it is."""

UNITS: Mapping[int, float] = {1: 0.10, 2: 0.25, 3: 0.32, 4: 0.33}
"""How many pieces of evidence are shown."""

SHUFFLED = 0.6
"""Share of examples whose evidence is in random order; in the rest it is as ranked."""

PASSED_OVER = 0.2
"""Share of the units in the ranking that are not taken, so that the same do not always come."""

VALIDATION = 0.04
TEST = 0.04
"""Shares of the documents that are kept apart."""

INJECTED_ANSWERED = 0.8
"""Share of examples with an instruction in them whose question is answered."""

TABLES_NOT_FOUND = 0.25
"""Share of the questions about tables that no row answers."""

TABLES_COMPARED = 0.3
"""Share of the others that compare rows, where numbers can be compared."""

TABLES_WITH_PROSE = 0.4
"""Share of tables of fewer rows than may be shown with a sentence of another document."""

MOST_TOKENS = 600
"""Tokens of evidence, at the most; few come near."""

CHARACTERS_A_TOKEN = 4.2
"""Of English prose in the vocabulary of the bundled model."""
