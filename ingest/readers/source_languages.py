"""How definitions look in the languages that source code is written in, line by line.

The patterns see well laid out code and not grammar: what they miss is cut by size like prose.
Python has a parser of its own in `source_reader`; its patterns here are for code it refuses.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of definition.

    Attributes:
        pattern: Matched from the first character of a line that is no white space.
        title: What to call it, from the groups of the pattern.
        holds: Whether definitions within it count; those within functions do not.
        body: Whether it has to have a body, so that it is no declaration, and no call.
        member: Whether it counts only directly within one that holds others.
    """

    pattern: re.Pattern[str]
    title: str
    holds: bool = False
    body: bool = False
    member: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """The definitions of a language.

    Attributes:
        rules: The first that matches a line counts.
        above: How lines directly above a definition begin that belong to it: comments and such.
        indented: Whether definitions may be indented.
        goes_on: How a line begins that is not indented and still belongs to the one above it.
    """

    rules: tuple[Rule, ...] = ()
    above: re.Pattern[str] = re.compile(r"(?!)")
    indented: bool = True
    goes_on: re.Pattern[str] = re.compile(
        r"[{})\];,:?.&|#]|(?:end|else|elif|elsif|catch|rescue|ensure|finally|then|where|fi|done)\b"
        r"|(?:case\b.*|[A-Za-z_]\w*(?:\s+\w+)?\s*):\s*$"
    )


def _rule(pattern: str, title: str = r"\1 \2", *flags: str) -> Rule:
    compiled = re.compile(pattern)
    return Rule(compiled, title, "holds" in flags, "body" in flags, "member" in flags)


_SLASHES = re.compile(r"//|/\*|\*(?:[\s/]|$)|@\w|#!?\[|\[\w[^\[\]]*\]\s*$|template\s*<")
_HASHES = re.compile(r"#|@\w")
_DASHES = re.compile(r"--")

_MODIFIERS = (
    r"(?:(?:public|private|protected|internal|static|final|abstract|sealed|partial|export|default"
    r"|declare|async|open|data|inner|inline|override|virtual|readonly|suspend|companion|case"
    r"|implicit|lazy|fileprivate|mutating|operator|unsafe|extern|new|synchronized|native|strictfp"
    r"|external|tailrec|infix|value|annotation|expect|actual|final|indirect|convenience|required"
    r"|non-sealed|file|const)\s+)*"
)
_NO_NAME = (
    r"(?!(?:if|else|for|foreach|while|do|switch|case|return|catch|try|finally|throw|new|delete|using"
    r"|lock|await|yield|sizeof|typeof|assert|default|goto|with|when|and|or|not|super|this|function"
    r"|synchronized|fixed|unless|until|elif|elsif|then|defer|typedef|namespace|package|import)\b)"
)
_TYPE = _rule(
    _MODIFIERS + r"(class|interface|enum(?:\s+class)?|record|struct|union|namespace|object|trait"
    r"|protocol|extension|actor|mixin|@interface)\s+(?:[A-Z_]{3,}(?:\([^()]*\))?\s+)?"
    r"([A-Za-z_$][\w$.]*(?:::\w+)*)(?=\s*(?:$|[{:<(\[/]|(?:extends|implements|permits|where|with|final"
    r"|private|internal|protected|public|constructor)\b))",
    r"\1 \2",
    *("holds", "body"),
)
_METHODS = (
    _rule(
        _MODIFIERS
        + _NO_NAME
        + r"(?:<[^<>()]*>\s*)?[A-Za-z_][\w.<>?\[\]]*(?:\s*,\s*[\w.<>?\[\]]+)*+"
        r"\s+" + _NO_NAME + r"([A-Za-z_]\w*)\s*(?:<[^<>()]*>)?\(",
        r"\1()",
        "body",
    ),
    _rule(_MODIFIERS + _NO_NAME + r"([A-Z]\w*)\s*\(", r"\1()", "body", "member"),
)
_C_FUNCTIONS = (
    _rule(r"((?:TEST|TYPED_TEST|BENCHMARK)\w*)\s*\(([^()]*)\)", r"\1(\2)", "body"),
    _rule(
        _NO_NAME + r"[A-Za-z_][\w:<>,*&\[\]]*(?:[ \t]+[\w:<>,*&\[\]]+)*?[ \t]*[ \t*&]"
        + _NO_NAME
        + r"[*&]{0,3}((?:[A-Za-z_]\w*(?:<[^<>()]*>)?::)*(?:~?[A-Za-z_]\w*|operator\S{1,3}))"
        r"\s*\(",
        r"\1()",
        "body",
    ),
    _rule(r"((?:[A-Za-z_]\w*(?:<[^<>()]*>)?::)+~?[A-Za-z_]\w*)\s*\(", r"\1()", "body"),
    _rule(_NO_NAME + r"(~?[A-Za-z_]\w*)\s*\(", r"\1()", "body", "member"),
)  # fmt: skip

_JAVA = Language((_TYPE, *_METHODS), _SLASHES)
_C = Language((_TYPE, *_C_FUNCTIONS), _SLASHES)
_JAVASCRIPT = Language(
    (
        _TYPE,
        _rule(_MODIFIERS + r"(function)\s*\*?\s*([\w$]+)", r"\1 \2", "body"),
        _rule(
            _MODIFIERS + r"(?:(?:const|let|var)\s+)?([\w$]+(?:\.[\w$]+)*)\s*(?::[^=]+)?=\s*"
            r"(?:async\s*)?(?:function\b|\([^()]*\)\s*(?::[^=]+)?=>|[\w$]+\s*=>|\(\s*$)",
            r"\1()",
            "body",
        ),
        _rule(
            _MODIFIERS + r"(?:(?:get|set)\s+)?\*?" + _NO_NAME + r"(#?[\w$]+)\s*(?:<[^<>()]*>)?\(",
            r"\1()",
            *("body", "member"),
        ),
    ),
    _SLASHES,
)
_GO = Language(
    (
        _rule(r"(func)\s+\(\s*(?:\w+\s+)?\*?(\w+)[^()]*\)\s*(\w+)", r"\1 \2.\3"),
        _rule(r"(func|type)\s+(\w+)"),
    ),
    _SLASHES,
)
_RUST = Language(
    (
        _rule(r"(?:unsafe\s+)?(impl\b[^{;]*?)\s*(?:\bwhere\b.*|\{.*)?$", r"\1", "holds"),
        _rule(
            r"(?:pub(?:\([^()]*\))?\s+)?(?:unsafe\s+)?(trait|mod)\s+(\w+)",
            r"\1 \2",
            *("holds", "body"),
        ),
        _rule(
            r"(?:pub(?:\([^()]*\))?\s+)?(?:(?:default|const|async|unsafe|extern(?:\s+\"[^\"]*\")?)"
            r"\s+)*(fn)\s+(\w+)",
            r"\1 \2",
            "body",
        ),
        _rule(r"(?:pub(?:\([^()]*\))?\s+)?(struct|enum|union)\s+(\w+)"),
        _rule(r"(macro_rules!)\s+(\w+)"),
    ),
    _SLASHES,
)
_KEYWORDS = Language(  # Kotlin, Swift, Scala, PHP: a word says that a function begins
    (
        _TYPE,
        _rule(_MODIFIERS + r"(fun)\s+(?:<[^<>]*>\s*)?([\w.`]+)"),
        _rule(_MODIFIERS + r"(func|def|function)\s+&?([^\s(\[{:=]+)"),
        _rule(_MODIFIERS + r"(init|deinit|constructor)\b\??\s*[({]", r"\1", "body", "member"),
    ),
    _SLASHES,
)
_RUBY = Language(
    (
        _rule(r"(class|module)\s+([\w:]+)", r"\1 \2", "holds"),
        _rule(r"(?:private\s+|protected\s+)?(def)\s+([^\s(;]+)"),
    ),
    _HASHES,
)
_PYTHON = Language(
    (
        _rule(r"(class)\s+(\w+)", r"\1 \2", "holds"),
        _rule(r"(?:async\s+)?(def)\s+(\w+)"),
    ),
    _HASHES,
)
_SHELL = Language(
    (
        _rule(r"function\s+([\w:.-]+)", r"\1()"),
        _rule(r"([\w:.-]+)\s*\(\s*\)", r"\1()"),
    ),
    _HASHES,
)
_LUA = Language((_rule(r"(?:local\s+)?(function)\s+([\w.:]+)"),), _DASHES)
_PERL = Language((_rule(r"(sub|package)\s+([\w:]+)"),), _HASHES)
_R = Language((_rule(r"([\w.]+)\s*(?:<-|=)\s*function\b", r"\1()"),), _HASHES)
_SQL = Language(
    (
        _rule(
            r"(?i:create)\s+(?:(?i:or)\s+(?i:replace)\s+)?(?:\w+\s+){0,2}?"
            r"((?i:table|view|function|procedure|trigger|type|package(?:\s+body)?))\s+"
            r"(?:(?i:if)\s+(?i:not)\s+(?i:exists)\s+)?([\w.\"`\[\]]+)"
        ),
    ),
    _DASHES,
)
_SECTIONS = Language(
    (_rule(r"\[{1,2}([^\[\]]+)\]{1,2}\s*(?:[#;].*)?$", r"\1"),), re.compile("[#;]")
)
_YAML = Language(
    (_rule(r"([A-Za-z_][\w.-]*):\s*(?:#.*)?$", r"\1"),),
    re.compile("#"),
    indented=False,
    goes_on=re.compile(r"[-\]}]"),
)
_PLAIN = Language()

_ENDINGS = {
    ".py .pyi .pyw": _PYTHON,
    ".js .jsx .mjs .cjs .ts .tsx .mts .cts .vue .svelte": _JAVASCRIPT,
    ".java .cs .groovy .gradle .dart": _JAVA,
    ".c .h .cc .cpp .cxx .hh .hpp .hxx .ino .cu .cuh .m .mm .glsl .proto .thrift": _C,
    ".go": _GO,
    ".rs": _RUST,
    ".kt .kts .swift .scala .sc .php": _KEYWORDS,
    ".rb .rake .gemspec": _RUBY,
    ".sh .bash .zsh .ksh .ps1 .psm1": _SHELL,
    ".lua": _LUA,
    ".pl .pm .t": _PERL,
    ".r": _R,
    ".sql .ddl": _SQL,
    ".toml .ini .cfg .conf .properties .desktop .service .editorconfig": _SECTIONS,
    ".yaml .yml": _YAML,
    ".css .scss .sass .less .bat .cmd .asm .s .vb .vbs .bas .f .f90 .hs .ml .fs .ex .exs .erl .clj"
    " .lisp .el .jl .d .nim .zig .v .vhd .tcl .awk .sed .cmake .mk .tf .hcl .graphql .diff"
    " .patch": _PLAIN,
}
LANGUAGES = {ending: language for line, language in _ENDINGS.items() for ending in line.split()}
"""The language of each extension, in lower case."""
