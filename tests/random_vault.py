"""Small vaults that change at random: names that collide, links that break and mend, papers that notes share."""

import os
import random
from pathlib import Path

from kg.store import open_store

NAMES = ["Models/GPT", "Models/BERT", "Vision/ViT", "Vision/Notes", "Notes", "Map of models", "Text/GPT", "Inbox/idea"]
ODD = ["Models", "caf\udce9", "Vision"]  # a note named as a folder; a name that is not UTF-8
ALIASES = ["Generative pre-training", "Bidirectional", "gpt"]
PAPERS = ["1706.03762", "1810.04805", "2005.14165", "2010.11929"]


def write(vault: Path, path: str, text: str) -> None:
    """Write a file of the vault."""
    file = vault / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def random_note(chance: random.Random) -> str:
    """A note of a few entries."""
    lines = ["---", f"title: Note {chance.randrange(5)}"]
    if chance.random() < 0.4:
        lines.append(f"aliases: [{chance.choice(ALIASES)}]")
    lines.append("---")
    for _ in range(chance.randrange(1, 7)):
        url = f"https://arxiv.org/abs/{chance.choice(PAPERS)}"
        name = chance.choice(NAMES)
        number = chance.randrange(3)
        lines += chance.choice(
            [
                [f"## Heading {number}"],
                [f"- #PAPER [Paper {number} (Author{chance.randrange(3)} 20{chance.randrange(17, 24)})]({url})"],
                [f"- [plain]({url}v2)", "\t- #CODE https://github.com/owner/repo"],
                [f"See [[{name}]] and [[{name.split('/')[-1]}#Heading {number}]] ^b{number}"],
                [f"![[picture{chance.randrange(2)}.png]] [[{chance.choice(ALIASES)}|alias]] [[Notes#^b1]]"],
                [f"- #PAPER See [[{name}]]", "plain words"],
                [f"- #REVIEW [Survey](https://example.org/{number})"],
                [f"- https://example.org/{number}"],
                ["[up](../), [here](./), [[Models/.]], [[Models/deep/..]] and [two](../Notes.md)"],
                ["[[caf\u00e9]] and [bytes](caf%E9.md#Heading%201) ![](caf%E9.png)"],
            ]
        )
    return "\n".join(lines) + "\n"


def random_edit(vault: Path, chance: random.Random) -> None:
    """Change one thing: a note is written, extended, renamed, deleted or touched, a picture comes or goes."""
    notes = sorted(vault.rglob("*.md"))
    action = chance.choice(["write", "write", "delete", "rename", "append", "picture", "touch"])
    if action == "write" or not notes:
        write(vault, f"{chance.choice(NAMES + ODD)}.md", random_note(chance))
    elif action == "delete":
        chance.choice(notes).unlink()
    elif action == "rename":
        target = vault / f"{chance.choice(NAMES)}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        chance.choice(notes).rename(target)
    elif action == "append":
        with chance.choice(notes).open("a", encoding="utf-8") as file:
            file.write(f"\n- [[{chance.choice(NAMES)}]]\n")
    elif action == "picture":
        picture = vault / chance.choice(["picture0.png", "picture1.png", "caf\udce9.png"])
        if picture.exists():
            picture.unlink()
        else:
            picture.write_bytes(b"png")
    else:
        os.utime(chance.choice(notes), (1, chance.randrange(10**9)))


def graph(store: Path) -> dict[str, list[str]]:
    """All named graphs of a store as sorted lines."""
    with open_store(store) as opened:
        return {name: opened.graph_lines(name) for name in opened.graphs()}
