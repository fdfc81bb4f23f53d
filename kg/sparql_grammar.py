"""Where a query stops being SPARQL 1.1, and what could stand there.

The engine says whether a query is well-formed, but not reliably where it goes wrong: its parser reads characters and
tries keywords. This recognizer reads tokens by the grammar of SPARQL 1.1 Query Language (section 19.8, rules 1 to 138)
and remembers how far it came. It is consulted for messages and for the prompt, never to accept or refuse a query.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from kg.sparql import Token, tokens

__all__ = ["FUNCTIONS", "KEYWORDS", "Failure", "check"]

# `name = alternatives`; 'x' is a keyword or mark, CAPITALS a kind of token; `?`, `*` and `+` as usual.
_GRAMMAR = """
query      = prologue ( select | construct | describe | ask ) values
prologue   = ( 'BASE' IRI | 'PREFIX' PNAME IRI )*
select     = selectclause dataset* where modifiers
subselect  = selectclause where modifiers values
selectclause = 'SELECT' ( 'DISTINCT' | 'REDUCED' )? ( selected+ | '*' )
selected   = VAR | '(' expression 'AS' VAR ')'
construct  = 'CONSTRUCT' ( template dataset* where modifiers | dataset* 'WHERE' template modifiers )
template   = '{' triplesblock? '}'
describe   = 'DESCRIBE' ( varoriri+ | '*' ) dataset* where? modifiers
ask        = 'ASK' dataset* where modifiers
dataset    = 'FROM' 'NAMED'? iri
where      = 'WHERE'? group
modifiers  = groupby? having? orderby? ( limit offset? | offset limit? )?
groupby    = 'GROUP' 'BY' ( call | '(' expression ( 'AS' VAR )? ')' | VAR )+
having     = 'HAVING' constraint+
orderby    = 'ORDER' 'BY' ( ( 'ASC' | 'DESC' ) bracketed | constraint | VAR )+
limit      = 'LIMIT' NUMBER
offset     = 'OFFSET' NUMBER
values     = ( 'VALUES' datablock )?
group      = '{' ( subselect | groupsub ) '}'
groupsub   = triplesblock? ( other '.'? triplesblock? )*
triplesblock = triples ( '.' triplesblock? )?
other      = union | 'OPTIONAL' group | 'MINUS' group | 'GRAPH' varoriri group | 'SERVICE' 'SILENT'? varoriri group
           | 'FILTER' constraint | 'BIND' '(' expression 'AS' VAR ')' | 'VALUES' datablock
union      = group ( 'UNION' group )*
datablock  = VAR '{' data* '}' | '(' VAR* ')' '{' ( '(' data* ')' )* '}'
data       = 'UNDEF' | iri | literal
constraint = bracketed | exists | call
bracketed  = '(' expression ')'
call       = FUNCTION arguments | iri arguments
arguments  = '(' 'DISTINCT'? ( '*' | expression ( ',' expression )* )? ( ';' 'SEPARATOR' '=' STRING )? ')'
exists     = 'EXISTS' group | 'NOT' 'EXISTS' group
triples    = ( collection | bnodes ) properties? | varorterm properties
properties = verb objects ( ';' ( verb objects )? )*
verb       = VAR | path
objects    = object ( ',' object )*
object     = collection | bnodes | varorterm
collection = '(' object+ ')'
bnodes     = '[' properties ']'
path       = sequence ( '|' sequence )*
sequence   = eltinverse ( '/' eltinverse )*
eltinverse = '^'? primary ( '?' | '*' | '+' )?
primary    = iri | 'a' | '(' path ')' | '!' ( onepath | '(' ( onepath ( '|' onepath )* )? ')' )
onepath    = '^'? ( iri | 'a' )
varorterm  = VAR | iri | literal | BLANK | '[' ']' | '(' ')'
varoriri   = VAR | iri
iri        = IRI | PNAME
literal    = STRING ( LANG | '^^' iri )? | ( '+' | '-' )? NUMBER | 'true' | 'false'
expression = conjunction ( '||' conjunction )*
conjunction = relation ( '&&' relation )*
relation   = numeric ( ( '=' | '!=' | '<' | '>' | '<=' | '>=' ) numeric | 'NOT'? 'IN' list )?
list       = '(' ( expression ( ',' expression )* )? ')'
numeric    = unary ( ( '+' | '-' | '*' | '/' ) unary )*
unary      = ( '!' | '+' | '-' )? basic
basic      = bracketed | exists | FUNCTION arguments | iri arguments? | literal | VAR
"""

_NAMES = (
    "STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE "
    "ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ "
    "NOW UUID STRUUID MD5 SHA1 SHA256 SHA384 SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL "
    "ISNUMERIC REGEX SUBSTR REPLACE COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT"
)
FUNCTIONS = frozenset(_NAMES.split())
_WHAT = {
    "IRI": "an IRI in <…>",
    "PNAME": "a prefixed name",
    "VAR": "a variable",
    "NUMBER": "a number",
    "STRING": "a string",
    "LANG": "a language tag",
    "BLANK": "a blank node",
    "FUNCTION": "a function",
}


class _Node(NamedTuple):
    """A node of a rule: `op` is alt, seq, opt, star, plus, rule, text or kind."""

    op: str
    name: str
    parts: tuple["_Node", ...] = ()


def _parsed(source: str) -> dict[str, _Node]:
    """The rules of a grammar in the notation above."""
    rules = {}
    for name, body in re.findall(r"^(\w+)\s*= (.*(?:\n +\|.*)*)", source, re.MULTILINE):
        words = re.findall(r"'[^']+'|\w+|[()|?*+]", body)
        node, rest = _alternatives(words)
        assert not rest  # noqa: S101 -- the grammar is the constant above
        rules[name] = node
    return rules


def _alternatives(words: list[str]) -> tuple[_Node, list[str]]:
    options: list[_Node] = []
    items: list[_Node] = []
    while words and words[0] != ")":
        word, words = words[0], words[1:]
        if word == "|":
            options.append(_Node("seq", "", tuple(items)))
            items = []
            continue
        if word == "(":
            node, words = _alternatives(words)
            words = words[1:]
        elif word[0] == "'":
            node = _Node("text", word[1:-1])
        else:
            node = _Node("kind" if word.isupper() else "rule", word)
        if words and words[0] in ("?", "*", "+"):
            node = _Node({"?": "opt", "*": "star", "+": "plus"}[words[0]], "", (node,))
            words = words[1:]
        items.append(node)
    options.append(_Node("seq", "", tuple(items)))
    return (options[0] if len(options) == 1 else _Node("alt", "", tuple(options))), words


@cache
def _rules() -> dict[str, _Node]:
    return _parsed(_GRAMMAR)


KEYWORDS = frozenset(re.findall(r"'([A-Z]+)'", _GRAMMAR))


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a query goes wrong.

    Attributes:
        token: the first token that does not fit, None at the end of the text.
        offset: where it begins.
        keywords: the keywords and functions that could stand there.
        expected: words for people on what could stand there.
    """

    token: Token | None
    offset: int
    keywords: tuple[str, ...]
    expected: tuple[str, ...]


@dataclass(slots=True)
class _Recognizer:
    parts: list[Token]
    furthest: int = 0
    wanted: set[tuple[str, str]] = field(default_factory=set)

    def match(self, node: _Node, at: int) -> int | None:  # noqa: C901, PLR0911, PLR0912 -- one case a kind of node
        match node.op:
            case "text" | "kind":
                if at < len(self.parts) and _fits(node, self.parts[at]):
                    return at + 1
                if at > self.furthest:
                    self.furthest = at
                    self.wanted.clear()
                if at == self.furthest:
                    self.wanted.add((node.op, node.name))
                return None
            case "rule":
                return self.match(_rules()[node.name], at)
            case "seq":
                position: int | None = at
                for part in node.parts:
                    position = self.match(part, position)  # type: ignore[arg-type] # left when it is None
                    if position is None:
                        return None
                return position
            case "alt":
                ends = (self.match(part, at) for part in node.parts)
                return next((end for end in ends if end is not None), None)
            case "opt":
                end = self.match(node.parts[0], at)
                return at if end is None else end
            case _:
                end = self.match(node.parts[0], at)
                if end is None:
                    return at if node.op == "star" else None
                while end is not None and end > at:
                    at, end = end, self.match(node.parts[0], end)
                return at


def _fits(node: _Node, token: Token) -> bool:
    if node.op == "text":
        if node.name in ("a", "true", "false"):
            return token.kind == "word" and token.text in (node.name, node.name.upper(), node.name.title())
        return token.text.upper() == node.name and token.kind in ("word", "mark")
    if node.name == "FUNCTION":
        return token.kind == "word" and token.text.upper() in FUNCTIONS
    return token.kind == node.name.lower()


def check(text: str) -> Failure | None:
    """Where a text stops being a SPARQL 1.1 query; None when the grammar accepts it."""
    parts = tokens(text)
    recognizer = _Recognizer(parts)
    try:
        end = recognizer.match(_rules()["query"], 0)
    except RecursionError:
        return None  # nested too deeply to say
    if end == len(parts):
        return None
    if end is not None and end > recognizer.furthest:
        recognizer.furthest, recognizer.wanted = end, set()
    at = recognizer.furthest
    token = parts[at] if at < len(parts) else None
    keywords = {name for op, name in recognizer.wanted if op == "text" and name.isalpha() and name.isupper()}
    if ("kind", "FUNCTION") in recognizer.wanted:
        keywords |= FUNCTIONS
    shown = [f"`{name}`" if op == "text" else _WHAT[name] for op, name in sorted(recognizer.wanted, reverse=True)]
    return Failure(
        token=token,
        offset=token.start if token else len(text.rstrip()),
        keywords=tuple(sorted(keywords)),
        expected=tuple(shown),
    )
