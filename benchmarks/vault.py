"""A vault of made-up notes of any size, for measuring: the same seed gives the same files.

What stands in a kilobyte of it is what stands in one of real notes on papers: eight list items, half of them nested,
six external links, two tagged papers, one tagged repository, one heading, half a wiki link. Papers recur as real ones
do: few in many notes, most in one.

    python -m benchmarks.vault FOLDER --notes 1000
"""

import argparse
import random
from pathlib import Path

__all__ = ["generate"]

_WORDS = Path(__file__).with_name("words.txt").read_text("utf-8").split()
_LETTERS = "abcdefghijkmnopqrstuvwxyz0123456789_-"
_FOLDERS = 40
_PAPERS_PER_NOTE = 3
# Kinds of line and how often they stand in a kilobyte of real notes.
_KINDS = {
    "paper": 1.7,
    "code": 1.0,
    "link": 2.8,
    "video": 0.4,
    "remark": 1.45,
    "note": 0.5,
    "heading": 1.0,
    "prose": 0.4,
}
_BELOW = {"code", "remark", "link", "video"}  # what stands below a paper, as a nested item, most of the time


class _Vault:
    """What the notes of one vault share: their names, their papers and the chance that makes them."""

    def __init__(self, notes: int, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a benchmark wants the same numbers again
        self.notes = [f"Topic {n % _FOLDERS:02d}/{self.words(2, 4).capitalize()} {n}" for n in range(notes)]
        self.papers = max(1, notes * _PAPERS_PER_NOTE)

    def words(self, least: int, most: int) -> str:
        """Some words."""
        return " ".join(self.chance.choices(_WORDS, k=self.chance.randint(least, most)))

    def paper(self) -> str:
        """A link to a paper: its title, author and year are the same wherever it is linked."""
        number = min(int(self.chance.paretovariate(0.6)) - 1, self.chance.randrange(self.papers))
        own = random.Random(number)  # noqa: S311
        title = " ".join(own.choices(_WORDS, k=own.randint(4, 11))).capitalize()
        year, month = own.randint(2010, 2024), own.randint(1, 12)
        form = self.chance.choice(["abs/{}", "abs/{}", "pdf/{}", "pdf/{}.pdf", "abs/{}v2"])
        running = number % 9_999 + 1  # four digits until 2014 (https://info.arxiv.org/help/arxiv_identifier.html)
        url = "https://arxiv.org/" + form.format(f"{year % 100:02d}{month:02d}.{running:0{4 if year < 2015 else 5}d}")
        if number % 9 == 4:
            url = f"https://doi.org/10.1000/j.{number}"
        return f"[{title} ({own.choice(_WORDS).capitalize()} {year})]({url})"

    def note(self, name: str) -> str:
        """The text of a note."""
        chance = self.chance
        size = min(max(300, chance.lognormvariate(7.3, 0.75)), 30_000)
        stamp = f"2023-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        lines = [
            "---",
            f"title: {name.partition('/')[2]}",
            f"created: {stamp}",
            f"tags: [{chance.choice(_WORDS)}]",
            "---",
        ]
        lines += [f"> {self.words(12, 24).capitalize()}.", ""]
        written = sum(map(len, lines))
        kinds, weights = list(_KINDS), list(_KINDS.values())
        below = False
        while written < size:
            kind = chance.choices(kinds, weights)[0]
            line = self.line(kind)
            if kind in _BELOW and below and chance.random() < 0.95:
                line = "\t" + line
            elif kind != "note":
                below = kind == "paper"
            lines.append(line)
            written += len(line) + 1
        return "\n".join(lines) + "\n"

    def line(self, kind: str) -> str:
        """One line of a kind."""
        chance = self.chance
        make = {
            "paper": lambda: f"- #PAPER{' #REVIEW' if chance.random() < 0.1 else ''} {self.paper()}",
            "code": lambda: f"- #CODE [{self.words(1, 3)}](https://github.com/{self.words(2, 2).replace(' ', '/')})",
            "link": lambda: f"- [{self.words(3, 8).capitalize()}]({self.page()})",
            "video": lambda: f"- [Paper explained](https://youtu.be/{''.join(chance.choices(_LETTERS, k=11))})",
            "remark": lambda: f"- {self.words(8, 20).capitalize()}",
            "note": lambda: f"- See [[{self.target()}{'|' + self.words(1, 2) if chance.random() < 0.3 else ''}]]",
            "heading": lambda: f"\n{'#' * chance.randint(2, 4)} {self.words(1, 3).capitalize()}",
            "prose": lambda: f"\n{self.words(15, 40).capitalize()}.\n",
        }
        return make[kind]()

    def page(self) -> str:
        """The URL of some page."""
        return f"https://{self.words(2, 2).replace(' ', '.example/')}/{self.chance.randrange(10_000)}"

    def target(self) -> str:
        """What a wiki link names: mostly a note, by path or by name."""
        target = self.chance.choice(self.notes) if self.chance.random() < 0.95 else self.words(2, 2)
        return target if self.chance.random() < 0.5 else target.rpartition("/")[2]


def generate(folder: Path, notes: int, seed: int = 1) -> int:
    """Write a vault; returns its size in bytes.

    Args:
        folder: a folder that does not exist yet.
        notes: how many notes.
        seed: another seed gives other notes.
    """
    vault = _Vault(notes, seed)
    size = 0
    for name in vault.notes:
        path = folder / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        size += path.write_bytes(vault.note(name).encode())
    return size


def _main() -> None:
    parser = argparse.ArgumentParser(description="Write a vault of made-up notes.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--notes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    size = generate(arguments.folder, arguments.notes, arguments.seed)
    print(f"{arguments.notes:,} notes, {size:,} bytes in {arguments.folder}")


if __name__ == "__main__":
    _main()
