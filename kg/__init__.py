"""A folder of Markdown notes becomes a knowledge graph that can be trusted."""

TYPE_CHECKING = False  # as in `typing`, whose import would cost more than all the rest here
if TYPE_CHECKING:
    from pathlib import Path

    from kg.api import Graph

__version__ = "0.1.0"

__all__ = ["__version__", "open"]


def open(store: "str | Path | None" = None) -> "Graph":  # noqa: A001 -- kg.open reads as it should
    """Open the graph of a store directory, by default the one of `kg.toml`, to ask it from Python.

    Raises:
        StoreError: nothing was built there.

    """
    from kg.api import open_graph  # noqa: PLC0415 -- `import kg` stays fast

    return open_graph(store)
