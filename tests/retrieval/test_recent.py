"""Values are made once, and those asked for last are kept."""

from citewell.retrieval.recent import Recent


class Maker:
    """Makes values by key and remembers which it made."""

    def __init__(self, recent: Recent[str, str]) -> None:
        self._recent = recent
        self.made: list[str] = []

    def get(self, key: str) -> str:
        return self._recent.get(key, lambda: self._make(key))

    def _make(self, key: str) -> str:
        self.made.append(key)
        return key * 2


def test_a_value_is_made_once() -> None:
    maker = Maker(Recent(2))

    assert [maker.get("a"), maker.get("a")] == ["aa", "aa"]
    assert maker.made == ["a"]


def test_the_value_asked_for_longest_ago_is_dropped_first() -> None:
    maker = Maker(Recent(2))

    for key in "abacab":
        maker.get(key)

    assert maker.made == ["a", "b", "c", "b"]


def test_values_are_kept_up_to_their_size_together() -> None:
    maker = Maker(Recent(4, len))

    for key in ("a", "b", "ccc", "a"):
        maker.get(key)

    assert maker.made == ["a", "b", "ccc", "a"]
