"""Labels keep documents from those who do not hold them; tags and labels outlive documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.filters import parse_filter
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, Mark, Scope, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

Embed = Callable[..., EmbeddedDocument]
Put = Callable[..., None]


def found(store: SqliteStore, *labels: str, word: str = "cat") -> list[str]:
    """Return the documents that a caller with some labels finds by a word, best first."""
    hits = store.search_text("papers", [word], 100, Scope(frozenset(labels)))
    return [each.chunk.document for each in store.chunks("papers", [key for key, _ in hits])]


@pytest.fixture
def labelled(store: SqliteStore, put: Put) -> SqliteStore:
    """Three documents about a cat: an open one, one for hr, and one for hr or legal."""
    put("open.md", "a cat")
    put("hr/pay.md", "a cat")
    put("both.md", "a cat")
    store.mark("papers", "label", ["hr/pay.md"], ["hr"])
    store.mark("papers", "label", ["both.md"], ["hr", "legal"])
    return store


# who sees what


def test_a_caller_sees_what_it_holds_a_label_of_and_what_has_none(labelled: SqliteStore) -> None:
    assert found(labelled) == ["open.md"]
    assert found(labelled, "hr") == ["open.md", "hr/pay.md", "both.md"]
    assert found(labelled, "legal") == ["open.md", "both.md"]
    assert found(labelled, "sales") == ["open.md"]


def test_each_level_that_carries_labels_asks_for_one(labelled: SqliteStore) -> None:
    labelled.mark("papers", "label", [""], ["staff"])
    labelled.mark("papers", "label", ["hr/"], ["board", "hr"])

    assert found(labelled, "hr") == []
    assert found(labelled, "staff") == ["open.md"]
    assert found(labelled, "staff", "board") == ["open.md"]
    assert found(labelled, "staff", "hr") == ["open.md", "hr/pay.md", "both.md"]


def test_words_and_chunks_are_counted_among_those_that_are_seen(labelled: SqliteStore) -> None:
    for labels, chunks in ((), 1), (("legal",), 2), (("hr",), 3):
        scope = Scope(frozenset(labels))
        assert labelled.word_counts("papers", ["cats"], scope) == {"cats": chunks}
        assert labelled.visible_chunks("papers", scope) == chunks


def test_the_keys_that_are_allowed_are_none_where_all_are(labelled: SqliteStore) -> None:
    legal = labelled.allowed("papers", Scope(frozenset({"legal"})))

    assert legal is not None
    assert legal.tolist() == [1, 3]
    assert labelled.allowed("papers", Scope(frozenset({"hr"}))) is None


def test_a_document_is_visible_to_those_who_hold_its_labels(labelled: SqliteStore) -> None:
    assert labelled.is_visible("papers", "open.md", frozenset())
    assert labelled.is_visible("papers", "both.md", frozenset({"legal"}))
    assert not labelled.is_visible("papers", "both.md", frozenset())
    assert not labelled.is_visible("papers", "gone.md", frozenset({"hr"}))


def test_a_label_that_is_taken_away_opens_the_document(labelled: SqliteStore) -> None:
    labelled.mark("papers", "label", ["both.md"], [], ["legal"])
    assert found(labelled, "legal") == ["open.md"]

    labelled.mark("papers", "label", ["both.md", "hr/pay.md"], [], ["hr"])
    assert found(labelled) == ["open.md", "hr/pay.md", "both.md"]


def test_a_change_of_marks_is_a_change(store: SqliteStore, put: Put) -> None:
    put("a.md", "a cat")

    store.mark("papers", "label", ["a.md"], ["hr"])

    assert store.generation("papers") == 2


def test_scores_do_not_show_what_is_not_seen(store: SqliteStore, put: Put) -> None:
    put("a.md", "a cat and a dog")
    put("b.md", "a dog")
    alone = store.search_text("papers", ["cat", "dog"], 5)

    store.mark("papers", "label", ["secret/"], ["hr"])
    put("secret/c.md", *["a cat and a cat and many words beside"] * 9)

    assert store.search_text("papers", ["cat", "dog"], 5) == alone
    assert store.word_counts("papers", ["words"]) == {"words": 0}


def test_a_blank_label_is_refused(store: SqliteStore) -> None:
    with pytest.raises(ValueError, match="A label is blank"):
        store.mark("papers", "label", ["a.md"], [" "])

    assert store.marks("papers") == []


# what marks hold for


def test_a_mark_waits_for_what_it_was_given_to(store: SqliteStore, put: Put) -> None:
    store.mark("papers", "label", ["hr/", "b.md"], ["hr"])

    put("hr/deep/a.md", "a cat")
    put("b.md", "a cat")
    put("hr.md", "a cat")

    assert found(store) == ["hr.md"]


def test_a_labelled_file_that_comes_back_is_not_open(labelled: SqliteStore, put: Put) -> None:
    labelled.delete_file("papers", Path("/docs/hr/pay.md"))
    put("hr/pay.md", "a new cat")

    assert found(labelled) == ["open.md"]
    assert found(labelled, "hr", word="new") == ["hr/pay.md"]


def test_rows_of_a_file_have_its_marks_and_those_of_its_folder(
    store: SqliteStore, embed: Embed
) -> None:
    store.mark("papers", "label", ["hr/"], ["hr"])
    store.mark("papers", "label", ["hr/rows.jsonl"], ["pay"])
    file = SourceFile(Path("/docs/hr/rows.jsonl"), "0" * 64, "jsonl-1", "hr/rows.jsonl")

    store.replace_file("papers", file, [embed("r1", "a cat"), embed("r2", "a cat")])

    assert found(store, "hr") == []
    assert found(store, "hr", "pay") == ["r1", "r2"]


def test_labels_follow_a_document_to_its_new_name(labelled: SqliteStore) -> None:
    new = SourceFile(Path("/docs/new.md"), "0" * 64, "text-1", "new.md")

    labelled.rename_file("papers", Path("/docs/both.md"), new, {"both.md": ("new.md", "New")})

    assert found(labelled) == ["open.md"]
    assert found(labelled, "legal") == ["open.md", "new.md"]
    assert {mark.name for mark in labelled.marks("papers")} == {"hr/pay.md", "new.md"}


def test_a_document_moved_out_of_a_labelled_folder_is_not_open(
    store: SqliteStore, put: Put
) -> None:
    put("hr/pay.md", "a cat")
    store.mark("papers", "label", ["hr/"], ["hr"])
    new = SourceFile(Path("/docs/pay.md"), "0" * 64, "text-1", "pay.md")

    store.rename_file("papers", Path("/docs/hr/pay.md"), new, {"hr/pay.md": ("pay.md", "Pay")})
    put("hr/new.md", "a cat")

    assert found(store) == []
    assert found(store, "hr") == ["pay.md", "hr/new.md"]
    assert store.marks("papers") == [
        Mark("hr/", "label", "hr"),
        Mark("pay.md", "label", "hr", folder="hr/"),
    ]


def test_a_label_that_came_with_a_rename_can_be_taken_away(store: SqliteStore, put: Put) -> None:
    put("hr/pay.md", "a cat")
    store.mark("papers", "label", ["hr/"], ["hr"])
    new = SourceFile(Path("/docs/pay.md"), "0" * 64, "text-1", "pay.md")
    store.rename_file("papers", Path("/docs/hr/pay.md"), new, {"hr/pay.md": ("pay.md", "Pay")})

    store.mark("papers", "label", ["pay.md"], [], ["hr"])

    assert found(store) == ["pay.md"]


def test_labels_do_not_join_those_that_a_new_name_has(store: SqliteStore, put: Put) -> None:
    put("a.md", "a cat")
    store.mark("papers", "label", ["a.md"], ["hr"])
    store.mark("papers", "label", ["b.md"], ["legal"])
    new = SourceFile(Path("/docs/b.md"), "0" * 64, "text-1", "b.md")

    store.rename_file("papers", Path("/docs/a.md"), new, {"a.md": ("b.md", "B")})

    assert found(store, "hr") == found(store, "legal") == []
    assert found(store, "hr", "legal") == ["b.md"]


def test_a_document_that_another_labelled_file_takes_over_is_not_open(
    store: SqliteStore, put: Put
) -> None:
    put("r1", "a cat")
    store.mark("papers", "label", ["rows.jsonl"], ["hr"])
    file = SourceFile(Path("/docs/rows.jsonl"), "0" * 64, "jsonl-1", "rows.jsonl")

    store.replace_file("papers", file, [], kept={"r1"})

    assert found(store) == []
    assert found(store, "hr") == ["r1"]


def test_marks_are_listed_by_kind_and_name(labelled: SqliteStore) -> None:
    labelled.mark("papers", "tag", ["hr/"], ["pay"])

    assert labelled.marks("papers") == [
        Mark("both.md", "label", "hr"),
        Mark("both.md", "label", "legal"),
        Mark("hr/pay.md", "label", "hr"),
        Mark("hr/", "tag", "pay"),
    ]


# filters


def test_a_filter_keeps_what_it_names_of_what_is_seen(labelled: SqliteStore) -> None:
    labelled.mark("papers", "tag", ["hr/", "open.md"], ["Pay"])
    tagged = Scope(frozenset({"hr"}), parse_filter("tag = pay"))

    assert [key for key, _ in labelled.search_text("papers", ["cat"], 5, tagged)] == [1, 2]
    kept = labelled.allowed("papers", tagged)
    assert kept is not None
    assert kept.tolist() == [1, 2]


def test_a_filter_comes_before_the_limit_and_changes_no_score(store: SqliteStore, put: Put) -> None:
    for name in "abcdefgh":
        put(f"{name}.md", "a cat and a cat")
    put("z.md", "a cat and a dog")
    all_of_them = dict(store.search_text("papers", ["cat"], 100))

    scope = Scope(where=parse_filter("document = z.md"))

    assert store.search_text("papers", ["cat"], 1, scope) == [(9, all_of_them[9])]


def test_a_filter_sees_changes_of_documents(store: SqliteStore, put: Put) -> None:
    scope = Scope(where=parse_filter("folder = hr"))
    put("hr/a.md", "a cat")
    assert len(store.search_text("papers", ["cat"], 5, scope)) == 1

    put("hr/b.md", "a cat")
    store.delete_file("papers", Path("/docs/hr/a.md"))

    assert [key for key, _ in store.search_text("papers", ["cat"], 5, scope)] == [2]


# against a store of what may be seen


NAMES = ("a", "hr/b", "hr/deep/c", "hr/deep/d", "legal/e", "legal/f")
PLACES = ("", "hr/", "hr/deep/", "legal/", *NAMES)
LABELS = ("red", "green", "blue")
WORDS = ("cat", "dog", "horse", "cow")

Texts = Mapping[str, list[str]]


@dataclass(frozen=True)
class Seen:
    """What a caller sees of a store, with chunks called by document and place."""

    hits: list[tuple[str, int, float]]
    counts: dict[str, int]
    chunks: int
    allowed: list[tuple[str, int]]


def made(home: Path, embedder: Embedder, texts: Texts) -> SqliteStore:
    store = open_store(home)
    store.create_collection("papers", embedder.fingerprint, ChunkingSettings())
    add(store, embedder, texts)
    return store


def add(store: SqliteStore, embedder: Embedder, texts: Texts) -> None:
    for name, parts in texts.items():
        chunks = [Chunk(name, 20 * n, 20 * n + len(text), text) for n, text in enumerate(parts)]
        document = Document(name, "cow" if name == "a" else "T", "\n".join(parts), language="en")
        vectors = embedder.embed_passages(parts)
        file = SourceFile(Path("/docs") / name, "0" * 64, "text-1", name)
        store.replace_file("papers", file, [EmbeddedDocument(document, chunks, vectors)])


def seen(store: SqliteStore, labels: frozenset[str]) -> Seen:
    scope = Scope(labels)
    by_key = {
        key: (each.chunk.document, each.chunk.start)
        for name in store.names("papers")
        for each in store.document_chunks("papers", name)
        for key in [each.key]
    }
    hits = store.search_text("papers", WORDS, 100, scope)
    allowed = store.allowed("papers", scope)
    keys = sorted(by_key) if allowed is None else allowed.tolist()
    return Seen(
        sorted((*by_key[key], score) for key, score in hits),
        store.word_counts("papers", WORDS, scope),
        store.visible_chunks("papers", scope),
        sorted(by_key[key] for key in keys),
    )


def permitted(name: str, marks: Mapping[str, set[str]], labels: frozenset[str]) -> bool:
    """Say the rule in other words than the store does."""
    levels = [place for place in PLACES if place in ("", name) or name.startswith(place)]
    levels = [place for place in levels if place in ("", name) or place.endswith("/")]
    return all(marks[place] & labels for place in levels if marks.get(place))


TEXTS = st.dictionaries(
    st.sampled_from(NAMES),
    st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join), max_size=3),
    min_size=1,
)
MARKS = st.dictionaries(st.sampled_from(PLACES), st.sets(st.sampled_from(LABELS)), max_size=5)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=TEXTS, later=TEXTS, marks=MARKS, labels=st.frozensets(st.sampled_from(LABELS)))
def test_what_a_caller_may_not_see_changes_nothing_that_it_sees(
    tmp_path_factory: pytest.TempPathFactory,
    embedder: Embedder,
    texts: Texts,
    later: Texts,
    marks: dict[str, set[str]],
    labels: frozenset[str],
) -> None:
    root = tmp_path_factory.mktemp("labels")
    whole = {**texts, **later}
    allowed = {name: text for name, text in whole.items() if permitted(name, marks, labels)}
    with made(root / "all", embedder, texts) as store, made(root / "own", embedder, allowed) as own:
        for place, values in marks.items():
            store.mark("papers", "label", [place], values)
        add(store, embedder, later)

        assert seen(store, labels) == seen(own, labels)
        assert {name for name in whole if store.is_visible("papers", name, labels)} == set(allowed)
        assert store.check() == []


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(old=st.sampled_from(NAMES), new=st.sampled_from(NAMES), marks=MARKS)
def test_a_rename_opens_a_document_to_nobody(
    tmp_path_factory: pytest.TempPathFactory,
    embedder: Embedder,
    old: str,
    new: str,
    marks: dict[str, set[str]],
) -> None:
    callers = [frozenset(LABELS[n] for n in range(3) if bits >> n & 1) for bits in range(8)]
    file = SourceFile(Path("/docs") / new, "0" * 64, "text-1", new)
    with made(tmp_path_factory.mktemp("renames") / "home", embedder, {old: ["cat"]}) as store:
        for place, values in marks.items():
            store.mark("papers", "label", [place], values)
        before = {labels for labels in callers if store.is_visible("papers", old, labels)}

        store.rename_file("papers", Path("/docs") / old, file, {old: (new, "T")})

        after = {labels for labels in callers if store.is_visible("papers", new, labels)}
        assert after <= before
        assert frozenset(LABELS) in after
        assert store.check() == []
