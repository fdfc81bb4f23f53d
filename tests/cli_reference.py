"""`docs/cli.md`, from the commands themselves: `make docs` writes it, `tests/test_docs.py` compares it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from typer.core import TyperCommand

from kg.cli import app

TARGET = Path(__file__).parent.parent / "docs" / "cli.md"

_HEAD = """# The command line

*This page is written by `make docs` from what `kg --help` says.*

Data goes to standard output, everything else to standard error. Exit codes: 0 for success, 1 for a negative result
(there are findings and `--strict` asks), 2 for an error. An error is one line that says what to do.
"""


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _command(path: str, command: TyperCommand) -> Iterator[str]:
    params: list[Any] = [param for param in command.params if not getattr(param, "hidden", False)]
    arguments = [param for param in params if param.param_type_name == "argument"]
    names = {param.name: param.metavar or str(param.name).upper() for param in arguments}
    usage = [path, *(names[p.name] if p.required else f"[{names[p.name]}]" for p in arguments), "[OPTIONS]"]
    yield f"## `{path}`\n\n```text\n{' '.join(usage)}\n```\n\n{_paragraphs(command.help or '')}\n"
    rows = [(f"`{names[param.name]}`", param.help) for param in arguments]
    for param in params:
        if param.param_type_name == "option":
            flags = ", ".join([*param.opts, *param.secondary_opts])
            # a flag has an empty metavar
            value = (
                "" if param.is_flag else f" {param.metavar or str(param.type_descriptor.annotation.__name__).upper()}"
            )
            rows.append((f"`{flags}{value}`", param.help))
    if rows:
        lines = [f"| {_flat(name)} | {_flat(text or '')} |" for name, text in rows]
        yield "\n".join(["| | |", "| --- | --- |", *lines]) + "\n"
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        if not inner.hidden:
            yield from _command(f"{path} {name}", inner)


def render() -> str:
    """The page."""
    group: Any = typer.main.get_command(app)
    parts = [_HEAD]
    for name, command in group.commands.items():
        if not command.hidden:
            parts += _command(f"kg {name}", command)
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(render(), "utf-8")
