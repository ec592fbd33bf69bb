"""What ``citewell ask`` prints for people."""

import pytest

from citewell.app.answer_printing import (
    print_searched,
    print_sentence,
    print_sources,
    print_workings,
)
from citewell.app.answer_values import (
    AbstentionReason,
    Answer,
    AnswerMode,
    AnswerSentence,
    Citation,
    Evidence,
    LeftOut,
    Reading,
    Searched,
    Sent,
    Timings,
)

CITATION = Citation(
    marker=1,
    document="plan.xlsx",
    title="Plan",
    page=3,
    start=4,
    end=14,
    quote="Cats purr.",
    state="verified",
    place="Costs!A2:B2",
    header="Animal | Sound",
)


def answer(
    mode: AnswerMode = "generated",
    reason: AbstentionReason | None = None,
    readings: tuple[Reading, ...] = (),
    left_out: tuple[LeftOut, ...] = (),
    sent: Sent | None = None,
) -> Answer:
    sentences = () if reason else (AnswerSentence("Cats purr.", 0, 10, True, (CITATION,)),)
    return Answer(
        question="Do cats purr?",
        text="",
        mode=mode,
        reason=reason,
        sentences=sentences,
        sources=(),
        model=None,
        timings=Timings(1, None, 2),
        confidence=0.876,
        readings=readings,
        left_out=left_out,
        sent=sent,
    )


def evidence(number: int) -> Evidence:
    return Evidence(number, "cats.md", "Cats", 4, 14, f"Cat {number} purrs.", (), 1, 0.5)


@pytest.mark.parametrize(
    ("standalone", "printed"), [(None, ""), ("Do cats purr?", "Searched for: Do cats purr?\n")]
)
def test_the_question_is_shown_where_another_was_searched(
    capsys: pytest.CaptureFixture[str], standalone: str | None, printed: str
) -> None:
    print_searched(Searched((), standalone))

    assert capsys.readouterr().out == printed


def test_a_sentence_that_failed_its_check_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_sentence(AnswerSentence("Cats bark.", 0, 10, False, (), "nothing says so"))

    assert capsys.readouterr().out == "Cats bark. [unverified: nothing says so]\n"


def test_a_source_is_shown_with_all_that_leads_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    print_sources(answer())

    assert capsys.readouterr().out == (
        "\n[1] Plan (plan.xlsx, page 3, Costs!A2:B2, characters 4-14): verified\n"
        "    Animal | Sound\n"
        '    "Cats purr."\n'
    )


def test_an_ambiguous_question_is_answered_with_its_readings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_sources(answer("abstained", "ambiguous", (Reading("Do big cats purr?", CITATION),)))

    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["Which of these do you mean?", "  1. Do big cats purr?"]
    assert lines[3].startswith("     Plan (plan.xlsx")
    assert lines[-2:] == ['         "Cats purr."', "There may be others."]


@pytest.mark.parametrize(("reason", "told"), [("weak_match", True), ("no_match", False)])
def test_one_who_is_declined_is_told_what_to_do_next(
    capsys: pytest.CaptureFixture[str], reason: AbstentionReason, told: bool
) -> None:
    print_sources(answer("abstained", reason))

    printed = capsys.readouterr().out
    assert ("citewell search" in printed and "citewell calibrate" in printed) is told


def test_the_workings_name_what_was_sent_cut_and_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sent = Sent((evidence(1),), tuple(evidence(n) for n in (2, 3, 4, 5, 6)), 9, 600)
    print_workings(answer(left_out=(LeftOut("Cats bark.", "nothing says so"),), sent=sent))

    assert capsys.readouterr().out == (
        "\nProbability that the documents answer this: 0.88\n"
        "Sent to the model: 9 of at most 600 tokens of evidence\n"
        "  [1] Cat 1 purrs. (cats.md, characters 4-14)\n"
        "Found, but not sent:\n"
        "  [2] Cat 2 purrs. (cats.md, characters 4-14)\n"
        "  [3] Cat 3 purrs. (cats.md, characters 4-14)\n"
        "  [4] Cat 4 purrs. (cats.md, characters 4-14)\n"
        "  ... and 2 more; --json lists them all\n"
        "Left out of the draft:\n"
        "  - Cats bark. (nothing says so)\n"
    )
