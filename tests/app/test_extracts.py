"""What is quoted is short, stands in the document as it is, and says what its sentence says."""

from citewell.app.evidence import Candidate, Scored
from citewell.app.extracts import count_words, extract
from citewell.app.features import Features, Question
from citewell.app.units import candidates
from citewell.retrieval.values import Chunk, Passage, Scores

QUESTION = Question("When was the tower built?", {"tower": 1.0, "built": 1.0})


def passage(text: str, rank: int = 1, start: int = 0) -> Passage:
    chunk = Chunk(f"{rank}.md", start, start + len(text), text)
    return Passage(rank, chunk, "Title", 1.0, Scores(dense=0.5))


def unit(
    text: str, probability: float, *, rank: int = 1, focus: str = "", before: str = ""
) -> Scored:
    whole = f"{before} {text}" if before else text
    start = len(whole) - len(text)
    place = whole.index(focus) if focus else 0
    return Scored(
        Candidate(
            passage(whole, rank, start=100),
            start=100 + start,
            end=100 + len(whole),
            text=text,
            around="",
            kind="row" if "\t" in text else "sentence",
            before=(100, 100 + len(before)) if before else None,
        ),
        Features(0, 0, 0, 0, 0, 0, 0, 0),
        score=probability,
        focus=(100 + place, 100 + place + len(focus)) if focus else None,
        probability=probability,
    )


def quoted(*scored: Scored, words: int = 40) -> list[str]:
    return [each.text for each in extract(QUESTION, scored, words)]


def test_a_sure_answer_is_one_sentence() -> None:
    assert quoted(unit("It was built in 1889.", 0.95), unit("It is old.", 0.2, rank=2)) == [
        "It was built in 1889."
    ]


def test_an_unsure_answer_is_followed_by_the_next_best() -> None:
    assert quoted(unit("It was built in 1889.", 0.5), unit("It opened in 1890.", 0.3, rank=2)) == [
        "It was built in 1889.",
        "It opened in 1890.",
    ]


def test_what_is_far_less_likely_is_left_out() -> None:
    assert quoted(unit("It was built in 1889.", 0.5), unit("It is old.", 0.02, rank=2)) == [
        "It was built in 1889."
    ]


def test_what_does_not_fit_is_left_out() -> None:
    found = quoted(
        unit("It was built in 1889.", 0.5), unit("It opened in 1890.", 0.4, rank=2), words=8
    )

    assert found == ["It was built in 1889."]


def test_the_sentence_that_it_leans_on_is_quoted_with_it() -> None:
    item = unit("It was built in 1889.", 0.95, before="The tower is in Paris.")

    (found,) = extract(QUESTION, [item])

    assert found.text == "The tower is in Paris. It was built in 1889."
    assert (found.start, found.end) == (100, 144)
    assert found.scored.candidate.start == 100


def test_the_sentence_that_it_leans_on_is_left_out_where_it_does_not_fit() -> None:
    item = unit("It was built in 1889.", 0.95, before="The tower is in Paris.")

    assert quoted(item, words=8) == ["It was built in 1889."]


def test_a_long_sentence_is_cut_at_clauses_around_the_answer() -> None:
    text = "Loved by many, the tower was built in 1889 by a firm of great fame, as all know"

    assert quoted(unit(text, 0.9, focus="1889"), words=13) == [
        "the tower was built in 1889 by a firm of great fame"
    ]


def test_without_a_focus_the_clause_that_speaks_of_the_question_is_quoted() -> None:
    text = "Loved by many people from afar, the tower was built in 1889, as all of us know"

    assert quoted(unit(text, 0.9), words=8) == ["the tower was built in 1889"]


def test_a_negation_stays() -> None:
    text = "It was not, as many in the city think, built in 1889 by a firm of great fame"

    (found,) = quoted(unit(text, 0.9, focus="1889"), words=12)

    assert found == "It was not, as many in the city think, built in 1889"


def test_what_cannot_be_cut_without_its_negation_gives_way_to_the_next() -> None:
    text = "It was never, " + "as many in the whole city think, " * 5 + "built in 1889"
    long, short = unit(text, 0.9, focus="1889"), unit("It was built in 1890.", 0.3, rank=2)

    assert quoted(long, short, words=12) == ["It was built in 1890."]


def test_dates_and_amounts_are_not_cut() -> None:
    text = "the old tower was built by men on March 14, 1889 at a cost of 3 million francs"

    for words in range(6, 14):
        (found,) = quoted(unit(text, 0.9, focus="1889"), words=words)
        assert "March 14, 1889" in found
        assert not found.endswith(" 3")


def test_a_row_is_cut_between_its_cells() -> None:
    row = "The tower in the city of Paris\tbuilt in 1889\tby a firm of very great fame"

    assert quoted(unit(row, 0.9, focus="1889"), words=10) == [
        "The tower in the city of Paris\tbuilt in 1889"
    ]


def test_an_extract_is_a_span_of_the_document() -> None:
    text = "The tower, loved by many, was built in 1889; it is made of iron, and it is very tall."
    found = candidates([passage(text, start=7)])
    scored = [Scored(each, Features(0, 0, 0, 0, 0, 0, 0, 0), probability=0.9) for each in found]

    (part,) = extract(QUESTION, scored, words=9)

    assert part.text == text[part.start - 7 : part.end - 7]
    assert count_words(part.text) <= 9


def test_characters_without_spaces_are_counted_in_twos() -> None:
    assert count_words("这座塔建于 1889 年") == 5


def test_nothing_gives_nothing() -> None:
    assert quoted() == []
