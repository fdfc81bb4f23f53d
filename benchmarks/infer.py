"""How fast conclusions are drawn from a vault, by each engine, and how many there are.

python benchmarks/infer.py [FOLDER OF NOTES] [ENGINE ...]
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from kg.build import build
from kg.iris import Iris
from kg.reasoning.conclusions import telling
from kg.reasoning.engines import ENGINES, close
from kg.store import open_store

NOTES = Path(__file__).parent.parent / "notes"


def main() -> None:
    """Print sizes, seconds of the processor, and memory."""
    notes = Path(sys.argv[1]) if len(sys.argv) > 1 else NOTES
    with tempfile.TemporaryDirectory(prefix="kg-") as folder:
        build(notes, Path(folder, "store"))
        with open_store(Path(folder, "store")) as graph:
            stated = graph.triple_lines(without=Iris().inferred_graph)
    found: dict[str, list[str]] = {}
    for engine in sys.argv[2:] or ENGINES:
        started = time.process_time()
        closure = close(stated, engine)
        seconds = time.process_time() - started
        found[engine] = telling(closure, stated)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{engine}: {len(stated):,} triples, closure {len(closure):,}, of which {len(found[engine]):,} "
            f"say something new, in {seconds:.1f} s, {memory:,} MB at most so far"
        )
    if len(found) > 1:
        print("the engines agree" if len(set(map(tuple, found.values()))) == 1 else "the engines DISAGREE")


if __name__ == "__main__":
    main()
