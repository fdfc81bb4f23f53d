"""`kg query` alone on a terminal: a prompt for SPARQL and saved queries.

Each query runs in a process of its own, so that Ctrl-C or the time limit ends the query and not the prompt.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import platformdirs
from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory, History
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

from kg import queries, terms
from kg.evaluation import KNOWN_PREFIXES
from kg.sparql import Query, split
from kg.sparql_grammar import FUNCTIONS, KEYWORDS, check
from kg.tables import compact

__all__ = ["SparqlCompleter", "SparqlLexer", "is_complete", "run", "session"]

_STYLE = Style.from_dict(
    {
        "keyword": "ansiblue bold",
        "function": "ansicyan",
        "var": "ansimagenta",
        "string": "ansigreen",
        "iri": "ansibrightblue underline",
        "pname": "ansiyellow",
        "number": "ansicyan",
        "comment": "ansibrightblack italic",
    }
)
_HELP = """SPARQL, or the name of a saved query with its parameters: papers-by-author author=Vaswani
Enter runs a query that is complete, else begins a new line; Alt-Enter always runs, Ctrl-J never. Tab completes.
\\queries lists the saved queries, \\show NAME prints one, \\help is this text; \\quit or Ctrl-D leaves."""
_CALL = re.compile(r"([\w.\-]+)((?:\s+[\w]+=(?:\"[^\"]*\"|'[^']*'|\S+))*)\s*\Z")
_VALUE = re.compile(r"(\w+)=(?:\"([^\"]*)\"|'([^']*)'|(\S+))")


class SparqlLexer(Lexer):
    """Colours for the tokens of SPARQL."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The coloured pieces of each line."""
        lines: list[StyleAndTextTuples] = [[]]
        for kind, text in split(document.text):
            style = _style(kind, text)
            for number, part in enumerate(text.split("\n")):
                if number:
                    lines.append([])
                if part:
                    lines[-1].append((style, part))
        return lambda number: lines[number] if number < len(lines) else []


def _style(kind: str, text: str) -> str:
    if kind == "word":
        upper = text.upper()
        kind = "function" if upper in FUNCTIONS else "keyword" if upper in KEYWORDS or text == "a" else ""
    return f"class:{kind}" if kind in dict(_STYLE.style_rules) else ""


class SparqlCompleter(Completer):
    """Completes prefixes, terms of the vocabularies, variables, keywords, and the names of saved queries."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.saved = queries.names(folders)
        self.folders = folders
        self.terms = sorted(map(compact, terms.known_terms()))

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """What could stand where the cursor is."""
        before = document.text_before_cursor
        found = re.search(r"(?:[?$]|\\)?[\w:.\-]*\Z", before)
        word = found[0] if found else ""
        for candidate, note in self._candidates(word, before[: len(before) - len(word)], document.text):
            if candidate.lower().startswith(word.lower()) and candidate != word:
                yield Completion(candidate, start_position=-len(word), display_meta=note)

    def _candidates(self, word: str, lead: str, text: str) -> Iterator[tuple[str, str]]:
        if word[:1] in ("?", "$") and word:
            names = {part for kind, part in split(text) if kind == "var" and part != word}
            yield from ((name, "variable") for name in sorted(names))
            return
        call = lead.split()
        if not call:  # the beginning
            yield from ((name, "saved query") for name in self.saved)
            yield from ((f"\\{name}", "") for name in ("help", "queries", "quit", "show"))
        elif call[0] in ("\\show", "\\s"):
            yield from ((name, "saved query") for name in self.saved)
            return
        elif call[0] in self.saved:
            saved = queries.find(call[0], self.folders)
            parameters = saved.parameters if saved else ()
            yield from ((f"{p.name}=", p.description or p.type) for p in parameters)
            return
        declared = {**KNOWN_PREFIXES, **Query.of(text).prefixes}
        if ":" in word:
            yield from ((term, "") for term in self.terms if not term.startswith("http"))
        elif word:
            yield from ((f"{prefix}:", iri) for prefix, iri in declared.items())
            yield from ((name, "") for name in sorted(KEYWORDS))
            yield from ((f"{name}(", "") for name in sorted(FUNCTIONS))


def is_complete(text: str, saved: Iterable[str]) -> bool:
    """Whether Enter should run a text: it is a command, a saved query, or no further text could make it a query."""
    bare = text.strip()
    call = _CALL.match(bare)
    if not bare or bare.startswith("\\") or (call is not None and call[1] in saved):
        return True
    failure = check(text)
    return failure is None or failure.token is not None


def session(
    folders: Sequence[Path], history: History, source: Input | None = None, output: Output | None = None
) -> PromptSession[str]:
    """The prompt: multi-line, coloured, completing, with a history."""
    completer = SparqlCompleter(folders)
    keys = KeyBindings()

    @keys.add("enter")
    def _enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None  # takes what is chosen
        elif is_complete(buffer.text, completer.saved):
            buffer.validate_and_handle()
        else:
            buffer.insert_text(
                "\n" + " " * (len(buffer.document.current_line) - len(buffer.document.current_line.lstrip()))
            )

    @keys.add("c-j")
    def _newline(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("escape", "enter")
    def _run(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return PromptSession(
        "kg> ",
        multiline=True,
        prompt_continuation="  > ",
        lexer=SparqlLexer(),
        completer=completer,
        complete_while_typing=False,
        history=history,
        key_bindings=keys,
        style=_STYLE,
        include_default_pygments_style=False,
        input=source,
        output=output,
    )


def run(options: Sequence[str], folders: Sequence[Path]) -> int:
    """Ask and answer until the user leaves.

    Args:
        options: what each `kg query` is given besides the query.
        folders: the folders of saved queries.

    Returns:
        The exit code.

    """
    path = Path(platformdirs.user_state_dir("kg")) / "history"
    path.parent.mkdir(parents=True, exist_ok=True)
    asking = session(folders, FileHistory(path))
    print("SPARQL or a saved query; \\help says more, Ctrl-D leaves.", file=sys.stderr)  # noqa: T201
    while True:
        try:
            text = asking.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return 0
        if text in ("\\quit", "\\q", "quit", "exit"):
            return 0
        if text in ("\\help", "\\h", "\\?"):
            print(_HELP)  # noqa: T201
        elif text:
            _command([*_arguments(text, options, queries.names(folders))])


def _arguments(text: str, options: Sequence[str], saved: Iterable[str]) -> list[str]:
    """The `kg` command that a line stands for."""
    first, _, rest = text.partition(" ")
    if first in ("\\queries", "\\l"):
        return ["queries"]
    if first in ("\\show", "\\s"):
        return ["queries", "show", rest.strip()]
    call = _CALL.match(text)
    if call is not None and call[1] in saved:
        values = [f"{name}={one or two or three}" for name, one, two, three in _VALUE.findall(call[2])]
        return ["query", *options, *(word for value in values for word in ("--param", value)), "--", call[1]]
    return ["query", *options, "--", text]


def _command(arguments: Sequence[str]) -> None:
    before = signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is for the query
    try:
        done = subprocess.run([sys.executable, "-m", "kg", *arguments], check=False)  # noqa: S603 -- ourselves
        if done.returncode == -signal.SIGINT:
            print()  # noqa: T201 -- ends the line of ^C
    finally:
        signal.signal(signal.SIGINT, before)
