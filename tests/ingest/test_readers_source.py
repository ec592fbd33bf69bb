"""Source code comes in as it stands, and is cut where its definitions begin."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.ingest.readers import NotDocuments, reader_for
from citewell.ingest.readers.cleaning import clean_code
from citewell.ingest.readers.source_definitions import find_definitions
from citewell.ingest.readers.source_languages import LANGUAGES
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

CORPUS = Path(__file__).parents[3] / "shared" / "data" / "code-retrieval" / "corpus.jsonl"


def read(path: Path, content: str) -> Document:
    path.write_text(content, encoding="utf-8", newline="")
    reader = reader_for(path)
    assert reader is not None
    (document,) = reader.read(path, f"src/{path.name}")
    return document


def outline(tmp_path: Path, name: str, content: str) -> list[str]:
    """Return the headings, indented by their level, each with the first word at its start."""
    document = read(tmp_path / name, content)
    return [
        "  " * (heading.level - 1) + f"{heading.title} @{document.text[heading.start :].split()[0]}"
        for heading in document.headings
    ]


PYTHON = '''"""Module."""

import os

# Opens things.
@dataclass
class Store:
    """Keeps."""

    async def open(self):
        def inner(): ...
        return inner

    @property
    def path(self): return 1

if os:
    def close(): ...
else:
    def close(): pass
'''


def test_python_is_cut_at_classes_methods_and_functions(tmp_path: Path) -> None:
    assert outline(tmp_path, "store.py", PYTHON) == [
        "class Store @#",
        "  def open @async",
        "  def path @@property",
        "def close @def",
        "def close @def",
    ]


def test_a_definition_begins_at_the_start_of_its_line(tmp_path: Path) -> None:
    document = read(tmp_path / "store.py", PYTHON)
    starts = [heading.start for heading in document.headings]
    assert {document.text[start - 1] for start in starts} == {"\n"}
    assert document.text[starts[1] :].startswith("    async def open")


def test_python_that_does_not_parse_is_cut_by_its_lines(tmp_path: Path) -> None:
    content = (
        "print 'old'\n\nclass A:\n    # why\n    def b(self):\n        print 1\n\ndef c(): pass\n"
    )
    assert outline(tmp_path, "old.py", content) == ["class A @class", "  def b @#", "def c @def"]


def test_code_after_a_definition_is_not_told_as_part_of_it(tmp_path: Path) -> None:
    calls = "".join(f"run({n:040})\n" for n in range(5))
    content = f"class A:\n    def b(self): ...\n\n{calls}\ndef c(): ...\n"
    assert outline(tmp_path, "main.py", content) == [
        "class A @class",
        "  def b @def",
        "main.py @run(0000000000000000000000000000000000000000)",
        "def c @def",
    ]


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (
            "a.js",
            "/** Opens. */\nexport default async function open(a) {\n  function inner() {}\n}\n"
            "class Store extends Base {\n  constructor(a) {\n    if (a) { b(); }\n  }\n"
            "  static get path() { return 1; }\n}\nconst run = async (a) => {\n};\n"
            "exports.stop = function () {};\nif (x) { y(); }\ncall(1, () => { z(); });\n",
            [
                *("function open @/**", "class Store @class", "  constructor() @constructor(a)"),
                *("  path() @static", "run() @const", "exports.stop() @exports.stop"),
            ],
        ),
        (
            "a.ts",
            "export interface Shape {\n  area(): number;\n}\n@Injectable()\nexport class Box {\n"
            "  private async load<T>(a: T): Promise<T> {\n    return a;\n  }\n}\n",
            ["interface Shape @export", "class Box @@Injectable()", "  load() @private"],
        ),
        (
            "A.java",
            "package a;\n\npublic class A extends B {\n  private int x = f(1);\n\n  /** Makes. */\n"
            "  public A() {\n    super();\n  }\n\n  @Override\n  public List<String> names(int a)\n"
            "      throws E {\n    return new C() {\n      void d() {}\n    };\n  }\n"
            "  abstract void none();\n  enum Kind { X }\n}\n",
            [
                *("class A @public", "  A() @/**", "  names() @@Override", "  enum Kind @enum"),
            ],
        ),
        (
            "a.cs",
            "namespace N\n{\n    [Serializable]\n    public sealed class A\n    {\n"
            "        public int Get(int x) => x;\n    }\n}\n",
            ["namespace N @namespace", "  class A @[Serializable]", "    Get() @public"],
        ),
        (
            "a.c",
            "#include <x.h>\nint twice(int);\nstruct point {\n  int x;\n};\n/* Doubles. */\n"
            "static int *twice(int x)\n{\n  while (x) { x--; }\nout:\n  return 0;\n}\n"
            "int y = f(1);\n",
            ["struct point @struct", "twice() @/*"],
        ),
        (
            "a.cpp",
            "template <typename T>\nclass Box : public Base {\npublic:\n"
            "  explicit Box(T t) : t(t) {}\n"
            "  int size() const;\n};\n\nint Box::size() const {\n  return 1;\n}\nBox::~Box() {}\n"
            "TEST(Box, Opens) {\n}\n",
            [
                *("class Box @template", "  Box() @explicit", "Box::size() @int"),
                *("Box::~Box() @Box::~Box()", "TEST(Box, Opens) @TEST(Box,"),
            ],
        ),
        (
            "a.go",
            "// Store keeps.\ntype Store struct {\n\ta int\n}\n\n// Open opens.\n"
            "func (s *Store) Open(a int) error {\n\tgo func() {}()\n}\n\nfunc main() {}\n",
            ["type Store @//", "func Store.Open @//", "func main @func"],
        ),
        (
            "a.rs",
            "#[derive(Debug)]\npub struct A<T>(T);\n\nimpl<T> B for A<T>\nwhere\n    T: C,\n{\n"
            "    /// Makes.\n    pub const fn new() -> Self {\n        fn inner() {}\n    }\n}\n"
            "mod tests;\nmacro_rules! m { () => {} }\n",
            [
                *("struct A @#[derive(Debug)]", "impl<T> B for A<T> @impl<T>", "  fn new @///"),
                "macro_rules! m @macro_rules!",
            ],
        ),
        (
            "a.rb",
            "module A\n  # Keeps.\n  class B < C\n    def open?(x)\n    end\n  end\nend\n",
            ["module A @module", "  class B @#", "    def open? @def"],
        ),
        (
            "a.kt",
            "data class P(val x: Int) {\n    suspend fun <T> go(a: T) = 1\n}\nfun main() {}\n",
            ["class P @data", "  fun go @suspend", "fun main @fun"],
        ),
        (
            "a.swift",
            "public struct A: B {\n    init(x: Int) {\n    }\n"
            "    static func make() -> A {\n    }\n}\n",
            ["struct A @public", "  init @init(x:", "  func make @static"],
        ),
        (
            "a.php",
            "<?php\nfinal class A {\n    public function &get($x) {\n    }\n}\nfunction f() {}\n",
            ["class A @final", "  function get @public", "function f @function"],
        ),
        (
            "a.scala",
            "object Main extends App {\n  def run(x: Int): Int = x\n}\n",
            ["object Main @object", "  def run @def"],
        ),
        ("a.sh", "# Stops.\nstop() {\n  x\n}\nfunction go {\n  y\n}\n",
         ["stop() @#", "go() @function"]),
        ("a.lua", "local function a.b(c)\n  f()\nend\n", ["function a.b @local"]),
        ("a.pl", "package A::B;\nsub new {\n}\n", ["package A::B @package", "sub new @sub"]),
        ("a.R", "# Adds.\nadd.all <- function(x) {\n  x\n}\n", ["add.all() @#"]),
        (
            "a.sql",
            "-- People.\nCREATE TABLE IF NOT EXISTS people (\n  id int\n);\n"
            "create or replace function f() returns int;\nSELECT 1;\n",
            ["TABLE people @--", "function f @create"],
        ),
        ("a.toml", "x = 1\n[tool.a]\ny = 2\n[[b]]\n", ["tool.a @[tool.a]", "b @[[b]]"]),
        ("a.yml", "version: 3\nservices:\n  web:\n    a: 1\nnet:\n- x\n",
         ["services @services:", "net @net:"]),
        ("a.css", "a { color: red }\n", []),
    ],
)  # fmt: skip
def test_definitions_are_found_in_many_languages(
    tmp_path: Path, name: str, content: str, found: list[str]
) -> None:
    assert outline(tmp_path, name, content) == found


def test_what_a_comment_says_defines_nothing(tmp_path: Path) -> None:
    content = "/*\nclass A {\n}\n*/\n\n// function b() {}\nfunction c() {\n}\n"
    assert outline(tmp_path, "a.js", content) == ["function c @//"]


def test_code_is_kept_as_it_stands(tmp_path: Path) -> None:
    content = "\tx = 'e\u0301\u00a0y'\n\n\n\n\n\ny = 1   \n"
    document = read(tmp_path / "a.py", content)
    assert document.text == content
    assert document.title == "a.py"


def test_code_is_read_without_what_cannot_be_seen(tmp_path: Path) -> None:
    assert read(tmp_path / "a.py", "a = 1\r\nb\u200b = \u202e2\r\n").text == "a = 1\nb = 2\n"


@pytest.mark.parametrize("name", ["__init__.py", "a.js"])
def test_a_blank_file_of_a_program_is_passed_over(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotDocuments, match="holds no text"):
        read(tmp_path / name, "\n")


def test_a_recording_named_like_code_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "talk.ts").write_bytes(b"\x47\x40\x11\x10\x00" * 99)
    assert reader_for(tmp_path / "talk.ts") is None


def test_code_that_turns_out_to_be_binary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="not text"):
        read(tmp_path / "a.py", "x = 1\n" * 1000 + "\1" * 9000)


def test_two_megabytes_on_one_line_are_survived(tmp_path: Path) -> None:
    content = "function a(){return{b:[1,2,{c:'d'}]}};" * 54_000
    document = read(tmp_path / "a.min.js", content)
    assert document.text == content
    assert document.headings == ()


@pytest.mark.parametrize("ending", [".js", ".cpp", ".java", ".rs", ".sql", ".yml"])
@pytest.mark.parametrize(
    "piece", ["a(", "class A ", "(a, ", "<T> ", "x: ", "{\n", "  " * 99 + "a\n"]
)
def test_no_pattern_takes_long_over_code_of_no_sense(ending: str, piece: str) -> None:
    assert find_definitions(piece * (200_000 // len(piece)), LANGUAGES[ending]) is not None


@given(
    st.sampled_from(sorted(LANGUAGES)),
    st.lists(
        st.sampled_from(["class A {", "  def b():", "fn c() {", "}", "", "// d", "/* e", "*/", "x"])
    ),
)
def test_definitions_lie_within_one_another_or_apart(ending: str, lines: list[str]) -> None:
    text = "\n".join(lines)
    found = find_definitions(text, LANGUAGES[ending])
    assert all(0 <= each.start <= each.end <= len(text) for each in found)
    assert [each.start for each in found] == sorted(each.start for each in found)


@given(st.text())
def test_cleaned_code_is_clean(text: str) -> None:
    assert clean_code(clean_code(text)) == clean_code(text)


def test_real_code_is_kept_whole_with_its_definitions(tmp_path: Path) -> None:
    if not CORPUS.is_file():
        pytest.skip(f"the test material is not there: {CORPUS}")
    with CORPUS.open(encoding="utf-8") as file:
        texts = {row["title"]: row["text"] for row in map(json.loads, file)}
    rust = read(tmp_path / "doc_1.rs", texts["doc_1"])
    java = read(tmp_path / "doc_32.java", texts["doc_32"])
    python = read(tmp_path / "doc_12.py", texts["doc_12"])

    assert (rust.text, java.text) == (texts["doc_1"], texts["doc_32"])
    assert [heading.title for heading in rust.headings[:3]] == [
        "struct DiffExecutor",
        "impl<A, B, OTA, OTB, DOT> DiffExecutor<A, B, OTA, OTB, DOT>",
        "fn new",
    ]
    assert [heading.title for heading in java.headings] == [
        *("class UpdateChecker", "class VersionJsonTemplate", "checkForUpdate()"),
        *("performUpdateCheck()", "finishUpdateCheck()", "UpdateChecker()"),
    ]
    assert python.text[python.headings[0].start :].startswith("@registry.register\nclass ")
