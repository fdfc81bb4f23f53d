"""How fast mentions are found: megabytes of text a second on one core, with small and large vocabularies.

python benchmarks/mentions.py [FOLDER OF NOTES]
"""

import random
import sys
import time
from pathlib import Path

from kg import data, markdown
from kg.lexicon import Label
from kg.mentions import Finder, Passage
from kg.passages import passages_of
from kg.vault import decode
from kg.vocabulary import labels

NOTES = Path(__file__).parent.parent / "notes"


def invented(count: int) -> list[Label]:
    """Labels of models that do not exist."""
    chance = random.Random(1)  # noqa: S311 -- names, not keys
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = {"".join(chance.choices(letters, k=chance.randrange(4, 16))).title() for _ in range(count)}
    return [Label(f"{name}-{number}", f"https://example.org/{name}", "Model") for number, name in enumerate(names)]


def main() -> None:
    """Print how fast each vocabulary is found."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else NOTES
    notes = [
        passages_of(markdown.read(decode(path.read_bytes())[0]), path.stem) for path in sorted(folder.rglob("*.md"))
    ]
    size = sum(len(passage.text.encode()) for passages in notes for passage in passages)
    known = list(labels([data.models()]))
    for extra in (0, 10_000, 100_000):
        started = time.process_time()
        finder = Finder([*known, *invented(extra)])
        ready = time.process_time() - started
        best = min(_seconds(finder, notes) for _ in range(5))
        found = sum(len(mentions) for passages in notes for mentions in finder.find(passages))
        print(
            f"{len(known) + extra:7,} labels, ready in {ready:.2f} s: {size / 1e6:.2f} MB in {best * 1e3:.1f} ms, "
            f"{size / best / 1e6:.1f} MB/s, {found:,} mentions"
        )


def _seconds(finder: Finder, notes: list[list[Passage]]) -> float:
    started = time.process_time()
    for passages in notes:
        finder.find(passages)
    return time.process_time() - started


if __name__ == "__main__":
    main()
