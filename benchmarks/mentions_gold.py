"""How right the mentions are: precision and recall on lines that were labelled by hand.

    python benchmarks/mentions_gold.py FOLDER_OF_NOTES [LABELS.tsv]

The labels have a line for each thing that a line of a note names (`note`, `line`, `label`), and `-` for lines that
name nothing. The notes themselves are not in this repository.
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

from kg import citations, data, markdown
from kg.mentions import Finder
from kg.passages import passages_of
from kg.vault import decode
from kg.vocabulary import labels

GOLD = Path(__file__).parent.parent / "tests" / "data" / "mentions_gold.tsv"
BASE = "https://w3id.org/fm-kg/"


def found_in(note: Path, finder: Finder) -> dict[int, set[str]]:
    """What each line of a note names."""
    document = markdown.read(decode(note.read_bytes())[0])
    presenting = {i for i, block in enumerate(document.blocks) if citations.cite(block) is not None}
    passages = passages_of(document, note.stem, presenting)
    found: dict[int, set[str]] = defaultdict(set)
    lines = [part.line for part in document.sections] + [part.line for part in document.blocks]
    for line, passage, mentions in zip(lines, passages[1:], finder.find(passages)[1:], strict=True):
        for mention in mentions:
            found[line + passage.text.count("\n", 0, mention.start)].add(mention.thing.removeprefix(BASE))
    return found


def main() -> None:
    """Print what is missed and what is found in excess, and both shares."""
    folder = Path(sys.argv[1])
    finder = Finder(labels([data.models()]))
    gold: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    with (Path(sys.argv[2]) if len(sys.argv) > 2 else GOLD).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            gold[row["note"]][int(row["line"])] |= {row["label"]} - {"-"}
    right = excess = missed = 0
    for note, wanted in sorted(gold.items()):
        found = found_in(folder / note, finder)
        for line, things in sorted(wanted.items()):
            right += len(things & found[line])
            excess += len(found[line] - things)
            missed += len(things - found[line])
            if things != found[line]:
                print(f"{note}:{line}: missed {sorted(things - found[line])}, in excess {sorted(found[line] - things)}")
    print(f"precision {right / (right + excess):.4f}, recall {right / (right + missed):.4f} on {right + missed} labels")


if __name__ == "__main__":
    main()
