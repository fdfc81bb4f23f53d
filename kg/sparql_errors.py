"""What is wrong with a query, said with its line, a caret and the nearest thing that would be right."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from kg.sparql import Query, Token, place
from kg.sparql_grammar import FUNCTIONS, KEYWORDS, check

__all__ = ["describe", "nearest", "pointed", "unknown_prefix"]

_MOST_EXPECTED = 7


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like another, if any is; capitals do not count."""
    lowered: dict[str, str] = {}
    for candidate in known:
        lowered.setdefault(candidate.lower(), candidate)
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def pointed(text: str, offset: int, length: int, message: str) -> str:
    """A message about a place in a query: line and column, the line itself, and carets below the place."""
    line, column = place(text, offset)
    shown = text.split("\n")[line - 1].rstrip("\r")
    number = f"{line} | "
    lead = re.sub(r"[^\t]", " ", shown[: column - 1])
    carets = "^" * max(1, min(length, len(shown) - column + 1))
    return f"line {line}, column {column}: {message}\n{number}{shown}\n{' ' * len(number)}{lead}{carets}"


def describe(text: str, reason: str, prefixes: Mapping[str, str], base: str = "") -> str:
    """Why the engine refuses a query.

    Args:
        text: the query.
        reason: the engine's own message.
        prefixes: the prefixes that are declared from outside.
        base: the base IRI, if there is one.

    """
    query = Query.of(text, base, prefixes)
    failure = check(text)
    if failure is not None:
        token = failure.token
        if token is None:
            return pointed(text, failure.offset, 1, f"the query ends too early; {_expectation(failure.expected)}")
        if token.text in "\"'":
            return pointed(text, failure.offset, 1, "this string is not closed on its line")
        message = f"`{token.text}` does not fit here; {_expectation(failure.expected)}"
        if token.kind == "word":
            wanted = failure.keywords or sorted(KEYWORDS | FUNCTIONS)
            guess = nearest(token.text, wanted)
            if guess:
                message = f"`{token.text}` does not fit here; did you mean `{guess}`?"
            elif token.text.upper() in FUNCTIONS:
                message = f"`{token.text}(…)` stands in parentheses with a name here: `({token.text}(…) AS ?name)`"
        return pointed(text, failure.offset, len(token.text), message)
    return (
        unknown_prefix(text, query, prefixes)
        or _relative(text, query)
        or _assigned_twice(text, query)
        or f"not a SPARQL 1.1 query: {_engine(reason)}"
    )


def _expectation(expected: tuple[str, ...]) -> str:
    if not expected:
        return "nothing more was expected"
    more = " …" if len(expected) > _MOST_EXPECTED else ""
    return f"expected {', '.join(expected[:_MOST_EXPECTED])}{more}"


def unknown_prefix(text: str, query: Query, prefixes: Mapping[str, str]) -> str | None:
    """A message about the first prefix that nobody declares, if there is one."""
    known = {**prefixes, **query.prefixes}
    declared = {n + 1 for n, token in enumerate(query.parts) if token.is_word("PREFIX")}
    for number, token in enumerate(query.parts):
        prefix = token.text.partition(":")[0]
        if token.kind == "pname" and prefix not in known and number not in declared:
            guess = nearest(prefix, known)
            hint = f"did you mean `{guess}:` <{known[guess]}>?" if guess else "declare it with PREFIX"
            return pointed(text, token.start, len(prefix) + 1, f"the prefix `{prefix}:` is not declared; {hint}")
    return None


def _relative(text: str, query: Query) -> str | None:
    for token in query.parts:
        if token.kind == "iri" and not query.base and not re.match(r"<[A-Za-z][A-Za-z0-9+.\-]*:", token.text):
            return pointed(
                text, token.start, len(token.text), "this IRI is relative and there is no base; write BASE or --base"
            )
    return None


def _assigned_twice(text: str, query: Query) -> str | None:
    """A variable that AS or BIND names although it occurs before."""
    seen: set[str] = set()
    before: Token | None = None
    for token in query.parts:
        if token.kind == "var":
            if before is not None and before.is_word("AS") and token.text[1:] in seen:
                message = f"`{token.text}` may have a value here already; give the new value a name of its own"
                return pointed(text, token.start, len(token.text), message)
            seen.add(token.text[1:])
        before = token
    return None


def _engine(reason: str) -> str:
    """The sentences of an engine's message, without the lists of characters that its parser tried."""
    reason = re.sub(r"^error at [\d:]+: expected (one of )?", "", " ".join(reason.split()))
    sentences = re.findall(r"(?:^|, )([A-Z][a-z]+ [^,\[\]]*\w)", reason)
    return "; ".join(s[0].lower() + s[1:] for s in sentences) or reason
