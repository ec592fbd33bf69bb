"""Answers of any system are judged alike, by rules that suit the set."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench.answer_cache import KeptReplies
from bench.answer_measures import MEASURES
from bench.answer_peers import langchain_citations, llamaindex_citations
from bench.answer_risk import area, declined_at, risks
from bench.answer_run import few
from bench.answer_scores import first_words, is_right, rouge_l, same_amount
from bench.answer_sets import AnswerSet, part_of, read_sets
from bench.answer_show import kind_of, shown
from bench.answer_tables import as_json, as_text, curves
from bench.answers import main
from bench.baseline import BestSentences, ClosedBook, NaiveChain
from bench.drawing import draw
from bench.metered import Metered
from bench.questions import GoldQuestion, spread
from bench.replies import Cited, Judged, Reply, Sentence, judge
from citewell.app.llms.protocol import LanguageModel
from citewell.app.tuning.matching import holds, token_f1
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Document, Page

Scripted = Callable[..., LanguageModel]

TEXT = "The tower is 330 metres tall. It was built in 1889."
TOWER = Document("tower.md", "Tower", TEXT, (Page(1, 0, 29), Page(2, 30, 51)))
HEIGHT = Cited("tower.md", 0, 29, TEXT[:29], checked=True)
YEAR = Cited("tower.md", 30, 51, TEXT[30:51], checked=True)
SETTINGS = Settings(llm="none")


def _question(**given: Any) -> GoldQuestion:
    names = frozenset({"tower.md"})
    known = GoldQuestion("q1", "How tall is it?", ("330 metres",), names, (TEXT[:29],), True)
    return GoldQuestion(**{slot: getattr(known, slot) for slot in known.__slots__} | given)


def _nothing(**given: Any) -> GoldQuestion:
    return _question(answers=(), documents=frozenset(), passages=(), answerable=False, **given)


def _said(text: str, *cited: Cited, confidence: float | None = None) -> Reply:
    sentences = (Sentence(text, cited),)
    return Reply("generated", sentences, ("tower.md",), 1.0, 0.5, confidence=confidence)


def _declined(confidence: float | None = None) -> Reply:
    return Reply("abstained", (), ("tower.md",), 1.0, reason="weak_match", confidence=confidence)


def _judge(question: GoldQuestion, reply: Reply) -> Judged:
    return judge(question, reply, lambda name: TOWER)


# what is right


def test_what_stands_after_the_fortieth_word_is_not_read() -> None:
    question = _question()
    text = "word " * 38

    assert is_right(question, f"{text}330 metres")
    assert not is_right(question, f"{text}or 330 metres")


def test_two_characters_without_spaces_between_words_count_as_one() -> None:
    assert first_words("墨西哥城 in Mexico", 3) == "墨西哥城 in"


def test_an_answer_in_chinese_stands_anywhere_in_a_text_without_spaces() -> None:
    assert holds("会议在墨西哥城举行。", ["墨西哥城"])
    assert not holds("会议在墨西哥举行。", ["墨西哥城"])


def test_a_verdict_has_to_be_the_first_word() -> None:
    question = _question(rule="verdict", answers=("no",))

    assert is_right(question, "No, it is not.")
    assert not is_right(question, "There is no doubt.")


def test_of_every_group_one_answer_has_to_be_said() -> None:
    question = _question(rule="groups", groups=(("June 18", "18 June"), ("Beijing",)))

    assert is_right(question, "On 18 June in Beijing.")
    assert not is_right(question, "On 18 June.")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It rose by 30.8 % over the year.", "30.8%"),
        ("It rose by 30.79 percent.", "30.8%"),
        ("a share of 0.308", "30.8%"),
        ("net sales of 1,577 (in millions)", "$1.577 billion"),
        ("capital expenditure was $1,577", "$1577.00"),
    ],
)
def test_an_amount_is_the_same_in_another_unit_or_rounded(text: str, answer: str) -> None:
    assert same_amount(text, answer)


@pytest.mark.parametrize(
    ("text", "answer"), [("It rose by 31.8 %.", "30.8%"), ("in 1889", "93.86"), ("none", "5")]
)
def test_another_amount_is_not_the_same(text: str, answer: str) -> None:
    assert not same_amount(text, answer)


def test_words_are_compared_without_marks_and_articles() -> None:
    assert token_f1("The tower, 330 metres!", ["a tower of 330 metres"]) == pytest.approx(6 / 7)


def test_rouge_l_wants_the_words_in_their_order() -> None:
    assert rouge_l("cats eat mice", ["mice eat cats"]) == pytest.approx(1 / 3)
    assert token_f1("cats eat mice", ["mice eat cats"]) == 1.0


# how a reply is judged


def test_a_citation_is_precise_when_it_is_on_gold_and_holds_the_short_answer() -> None:
    judged = _judge(_question(), _said("It is 330 metres tall.", HEIGHT, YEAR))

    assert (judged.on_gold, judged.holding) == ((True, False), (True, False))
    assert MEASURES["citation precision"].of([judged]).value == 0.5


def test_a_citation_need_not_hold_a_long_answer() -> None:
    long = "It stands on four legs of iron in Paris"

    assert _judge(_question(answers=(long,)), _said("So.", YEAR)).holding == (True,)


def test_a_citation_of_another_document_is_not_on_gold() -> None:
    question = _question(documents=frozenset({"other.md"}), passages=("It has four legs.",))

    assert _judge(question, _said("330 metres", HEIGHT)).on_gold == (False,)


def test_the_same_words_in_another_document_are_on_gold_too() -> None:
    question = _question(documents=frozenset({"other.md"}))

    assert _judge(question, _said("330 metres", HEIGHT, YEAR)).on_gold == (True, False)


def test_where_a_set_names_pages_a_citation_has_to_be_on_one_of_them() -> None:
    question = _question(pages=frozenset({("tower.md", 2)}))

    assert _judge(question, _said("In 1889.", YEAR, HEIGHT)).on_gold == (True, False)


def test_where_no_passage_is_named_the_whole_document_answers() -> None:
    assert _judge(_question(passages=()), _said("In 1889.", YEAR)).on_gold == (True,)


def test_a_quote_that_does_not_stand_where_it_says_is_no_checked_citation() -> None:
    moved = Cited("tower.md", 1, 30, TEXT[:29], checked=True)
    unchecked = Cited("tower.md", 0, 29, TEXT[:29], checked=False)

    judged = [_judge(_question(), _said("So.", cited)) for cited in (HEIGHT, moved, unchecked)]

    assert [each.checked for each in judged] == [(True,), (False,), (False,)]


def test_a_long_answer_is_right_when_it_cites_the_gold_and_read_by_its_words() -> None:
    question = _question(rule="long", answers=("It is 330 metres tall and iron",))

    judged = _judge(question, _said("The tower is 330 metres tall.", HEIGHT))

    assert judged.right
    assert judged.recall == 1.0
    assert judged.rouge == pytest.approx(2 * 4 / (5 + 7))


def test_a_reply_is_misled_when_it_says_the_false_answer_and_not_the_true_one() -> None:
    question = _question(fake=("300 metres",))

    assert _judge(question, _said("It is 300 metres tall.")).misled
    assert not _judge(question, _said("300 metres, or 330 metres.")).misled


def test_declining_is_right_of_questions_without_an_answer_alone() -> None:
    replies = [
        _judge(_question(), _said("330 metres")),
        _judge(_question(), _said("12 metres")),
        _judge(_question(), _declined()),
        _judge(_nothing(), _declined()),
        _judge(_nothing(), _said("12 metres")),
    ]

    assert [kind_of(each) for each in replies] == [
        "right",
        "wrong",
        "declined-wrongly",
        "declined-rightly",
        "answered-wrongly",
    ]
    assert MEASURES["right in 40 words"].of(replies).value == pytest.approx(1 / 3)
    assert MEASURES["declined, unanswerable"].of(replies).value == 0.5
    assert MEASURES["declined, answerable (false)"].of(replies).value == pytest.approx(1 / 3)


def test_a_question_to_be_asked_back_counts_for_asking_back_alone() -> None:
    asked_back = Reply("abstained", (), (), 1.0, asked_back=True)
    judged = [_judge(_nothing(kind="underspecified"), asked_back)]

    assert MEASURES["asked back, underspecified"].of(judged).value == 1.0
    assert MEASURES["declined, unanswerable"].of(judged).count == 0
    assert risks(judged) == []


# declining by confidence


def _sweep() -> list[Judged]:
    right, wrong = _said("330 metres", confidence=0.0).sentences[0].text, "12 metres"
    return [
        _judge(_question(), _said(right, confidence=0.9)),
        _judge(_question(), _said(right, confidence=0.7)),
        _judge(_question(), _said(wrong, confidence=0.2)),
        _judge(_nothing(), _said(wrong, confidence=0.5)),
        _judge(_nothing(), _declined(confidence=0.1)),
    ]


def test_the_threshold_declines_no_more_of_the_answerable_than_allowed() -> None:
    assert declined_at(_sweep(), allowed=0.3).value == 0.5
    assert declined_at(_sweep(), allowed=0.34).value == 1.0


def test_a_system_that_says_no_confidence_is_as_sure_as_it_answers() -> None:
    judged = [_judge(_question(), _said("330 metres")), _judge(_nothing(), _declined())]

    assert declined_at(judged).value == 1.0


def test_risk_is_the_share_of_wrong_answers_among_the_surest() -> None:
    assert risks(_sweep()) == pytest.approx([0, 0, 1 / 3, 2 / 4, 3 / 5])
    assert area(_sweep()).value == pytest.approx((1 / 3 + 1 / 2 + 3 / 5) / 5)


def test_of_those_as_sure_as_each_other_each_counts_their_mean() -> None:
    judged = [
        _judge(_question(), _said("12 metres", confidence=0.5)),
        _judge(_question(), _said("330 metres", confidence=0.5)),
    ]

    assert risks(judged) == [0.5, 0.5]


# sets


def test_each_set_is_read_with_its_rule(tmp_path: Path) -> None:
    row = {"id": "a", "question": "What?", "gold_doc_ids": ["d"], "gold_passages": ["p"]}
    yes = row | {"answers": ["yes"], "answerable": True}
    history = [
        {"speaker": "user", "text": "Cats?"},
        {"speaker": "agent", "text": "They purr."},
    ]
    _write(tmp_path / "pubmedqa", yes | {"long_answer": "It is so."})
    _write(tmp_path / "hotpot-100", yes)
    _write(tmp_path / "mtrag-un", yes | {"history": history, "kind": "partial"})
    _write(tmp_path / "rgb" / "zh_refine", yes | {"answer_groups": ["a", ["b", "c"]]})
    _write(tmp_path / "rgb" / "en_fact", yes | {"fake_answer": "no"})
    filing = {"answers": ["$93.86"], "gold_page_docs": ["ACME_10K"], "gold_pages_1based": [4]}
    _write(tmp_path / "financebench", yes | filing)

    found = {each.name: each.questions[0] for each in read_sets(tmp_path, ())}

    assert {name: each.rule for name, each in found.items()} == {
        "pubmedqa": "verdict",
        "mtrag-un": "long",
        "hotpot-100": "verdict",
        "rgb-en_fact": "contains",
        "rgb-zh_refine": "groups",
        "financebench": "amount",
    }
    assert found["pubmedqa"].references == ("It is so.",)
    assert found["mtrag-un"].history == (("Cats?", "They purr."),)
    assert found["rgb-zh_refine"].groups == (("a",), ("b", "c"))
    assert found["rgb-en_fact"].fake == ("no",)
    assert found["financebench"].pages == {("ACME_10K.pdf", 4)}


def test_a_remark_behind_an_answer_of_a_filing_is_no_part_of_it(tmp_path: Path) -> None:
    answer = "36%. The answer here assumes FY2023 refers to the 12 months ended in January."
    row = {"id": "a", "question": "What?", "answers": [answer], "answerable": True}
    _write(tmp_path / "financebench", row)

    (found,) = read_sets(tmp_path, ["financebench"])

    assert (found.questions[0].answers, found.questions[0].rule) == (("36%.",), "amount")


def test_a_set_that_is_not_there_is_named_and_so_are_all_when_none_is(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="Leave squad out of --sets"):
        read_sets(tmp_path, ["squad"])
    with pytest.raises(SystemExit, match="holds none of the sets squad, nq-open"):
        read_sets(tmp_path, ())


def test_the_questions_of_a_lower_limit_are_among_those_of_a_higher_one() -> None:
    questions = [_question(id=f"q{number}") for number in range(20)]

    assert len(few(questions, 5)) == 5
    assert few(questions, 5) < few(questions, 12) < few(questions, None)


def test_a_limit_is_spread_over_the_half() -> None:
    questions = tuple(_question(id=f"q{number}") for number in range(100))

    part = part_of(AnswerSet("s", Path("c"), questions), "learn", 5)

    assert len(part.questions) == 5
    assert [each.id for each in spread(questions, 4)] == ["q0", "q25", "q50", "q75"]


def _write(folder: Path, row: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    (folder / "questions.jsonl").write_text(json.dumps(row), "utf-8")


# systems


ASKED = GoldQuestion("c", "How long do cats sleep?", (), frozenset({"cats.md"}), (), True)


def test_the_naive_chain_believes_the_markers_of_the_model(
    animals: Retriever, scripted: Scripted
) -> None:
    model = scripted("Cats sleep fourteen hours [1]. They hunt [7].")

    reply = NaiveChain(animals, Metered(model), SETTINGS).reply(ASKED)

    assert reply.text == "Cats sleep fourteen hours. They hunt."
    assert [cited.document for cited in reply.cited] == ["cats.md"]
    assert reply.tokens[1] == 8


def test_the_naive_chain_declines_when_the_model_does(
    animals: Retriever, scripted: Scripted
) -> None:
    reply = NaiveChain(animals, Metered(scripted("Not found.")), SETTINGS).reply(ASKED)

    assert (reply.declined, reply.by_model, reply.found[0]) == (True, True, "cats.md")


def test_the_best_sentences_are_those_most_like_the_question(animals: Retriever) -> None:
    best = BestSentences(animals, SETTINGS)

    one, two = best.of(1)(ASKED), best.of(2)(ASKED)

    assert one.text == "Cats sleep fourteen hours a day."
    assert two.text == "Cats sleep fourteen hours a day. Cats eat mice."
    assert one.confidence == two.confidence


def test_closed_book_shows_the_model_no_document(scripted: Scripted) -> None:
    reply = ClosedBook(Metered(scripted("Fourteen hours.")), SETTINGS).reply(ASKED)

    assert (reply.text, reply.cited, reply.tokens) == ("Fourteen hours.", (), (12, 2))


def test_langchain_cites_the_quote_where_it_stands(animals: Retriever, scripted: Scripted) -> None:
    pytest.importorskip("langchain_core", reason="langchain-core is not installed")
    xml = (
        "<cited_answer><answer>Fourteen hours.</answer><citations><citation><source_id>1"
        "</source_id><quote>Cats eat mice.</quote></citation></citations></cited_answer>"
    )

    reply = langchain_citations(animals, Metered(scripted(xml)), SETTINGS)(ASKED)

    assert reply.text == "Fourteen hours."
    assert reply.cited == (Cited("cats.md", 33, 47, "Cats eat mice."),)


def test_langchain_takes_what_is_no_xml_as_it_is(animals: Retriever, scripted: Scripted) -> None:
    pytest.importorskip("langchain_core", reason="langchain-core is not installed")
    model = scripted("<answer>Fourteen hours.")

    reply = langchain_citations(animals, Metered(model), SETTINGS)(ASKED)

    assert (reply.text, reply.cited) == ("Fourteen hours.", ())


def test_llamaindex_cites_the_passages_it_names(animals: Retriever, scripted: Scripted) -> None:
    pytest.importorskip("llama_index.core", reason="llama-index-core is not installed")
    model = scripted("Cats sleep fourteen hours [1].")

    reply = llamaindex_citations(animals, Metered(model), SETTINGS)(ASKED)

    assert reply.text == "Cats sleep fourteen hours."
    assert [cited.document for cited in reply.cited] == ["cats.md"]


def test_a_reply_that_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    reply = _said("It is 330 metres tall.", HEIGHT, confidence=0.5)
    KeptReplies(tmp_path, "naive chain", "bundled").put(_question(), reply)

    again = KeptReplies(tmp_path, "naive chain", "bundled")

    assert again.get(_question()) == reply
    assert again.get(_question(text="How old is it?")) is None
    assert KeptReplies(tmp_path, "naive chain", "other").get(_question()) is None


# what is shown


def test_a_table_has_a_row_for_each_set_that_a_measure_speaks_of() -> None:
    judged = [_judge(_question(), _said("330 metres", HEIGHT))]
    results = {"one": {"A": judged, "B": judged}, "two": {"A": [], "B": judged}}

    text = as_text(results, {"right": MEASURES["right in 40 words"]})

    assert "| one | 1.000 [1.000, 1.000] n 1 | 1.000 [1.000, 1.000] n 1 |" in text
    assert "| two | - | 1.000 [1.000, 1.000] n 1 |" in text
    assert "| **mean over sets** | 1.000 [1.000, 1.000] n 1 | 1.000 [1.000, 1.000] n 2 |" in text
    assert "asked back" not in as_text(results, MEASURES)


def test_kinds_of_unanswerable_questions_have_rows_of_their_own() -> None:
    judged = [
        _judge(_question(), _said("330 metres")),
        _judge(_nothing(kind="tempting"), _said("12 metres")),
        _judge(_nothing(kind="elsewhere"), _declined()),
    ]

    text = as_text({"one": {"A": judged}}, {"declined": MEASURES["declined, unanswerable"]})

    assert "| one | 0.500 [0.000, 1.000] n 2 |" in text
    assert "| one: tempting | 0.000 [0.000, 0.000] n 1 |" in text
    assert "| one: elsewhere | 1.000 [1.000, 1.000] n 1 |" in text


def test_figures_and_replies_are_written_as_values() -> None:
    judged = [_judge(_question(), _said("330 metres", HEIGHT))]

    found = as_json({"one": {"A": judged}}, {"right": MEASURES["right in 40 words"]})

    assert found["measures"]["right"]["one"]["A"] == [1.0, 1.0, 1.0, 1]
    assert found["replies"]["one"]["A"][0]["text"] == "330 metres"


def test_a_curve_ends_where_all_questions_are_answered() -> None:
    (chart,) = curves({"one": {"A": _sweep()}})

    assert chart.lines["A"][-1] == (1.0, 0.6)
    lines = ElementTree.fromstring(draw([chart])).findall(".//{http://www.w3.org/2000/svg}polyline")
    assert lines[-1].attrib["points"].split()[-1] == "432.0,132.0"


def test_replies_of_a_kind_are_shown_with_what_was_wanted() -> None:
    judged = [_judge(_question(), _said("12 metres", HEIGHT)), _judge(_question(), _declined())]

    (text,) = shown(judged, "wrong", 10)

    assert "gold:     330 metres" in text
    assert "checked tower.md 0-29: 'The tower is 330 metres tall.'" in text


@pytest.mark.models
def test_the_command_measures_a_question_file_and_keeps_its_collection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "towers"
    folder.mkdir()
    (folder / "tower.md").write_text(f"# Tower\n\n{TEXT}\n", "utf-8")
    row = {"id": "q1", "question": "How tall is the tower?", "answers": ["330 metres"]}
    gold = {"gold_doc_ids": ["tower.md"], "gold_passages": [TEXT[:29]], "answerable": True}
    questions = folder / "questions.jsonl"
    questions.write_text(json.dumps(row | gold), "utf-8")
    command = [str(questions), "--corpus", str(folder), "--llm", "none", "--show", "right"]

    chosen = ["--measures", "right in 40 words", "--also", str(questions)]
    assert main([*command, *chosen, "--work", str(tmp_path / "work")]) == 0

    printed = capsys.readouterr().out
    assert "### token F1" not in printed
    assert "| towers | 1.000 [1.000, 1.000] n 1 |" in printed
    assert (tmp_path / "work" / "towers" / "citewell.db").is_file()
    assert (tmp_path / "work" / "replies" / "towers").is_dir()
