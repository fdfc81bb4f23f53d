"""`kg build --watch`: build again whenever a note is saved.

The library watchfiles tells what changed on disk, whole folders being watched, so editors that write a new file and
rename it over the old one are seen as well.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from kg.build import Summary

__all__ = ["changes", "watch"]

_QUIET_MS = 20  # changes belong together until nothing changed for this long
_MOST_MS = 200  # or for this long altogether
_WAKE_MS = 500  # without a change the watch looks up this often


def changes(notes: Path, stop: Event | None = None) -> Iterator[list[str]]:
    """Yield the paths inside the vault, sorted, that changed at about the same time.

    Hidden ones are left out, except the `.gitignore` files that say what is read. No paths at all, once, stand for what
    may have changed before the watching began. Ends when `stop` is set.
    """
    from watchfiles import watch as watch_files  # noqa: PLC0415 - only this command needs it

    root = notes.resolve()

    def visible(_change: object, path: str) -> bool:
        inside = Path(path).relative_to(root) if Path(path).is_relative_to(root) else Path(path)
        *folders, name = inside.parts or ("",)
        return not any(part.startswith(".") for part in folders) and (name[:1] != "." or name == ".gitignore")

    batches = watch_files(
        root,
        watch_filter=visible,
        debounce=_MOST_MS,
        step=_QUIET_MS,
        stop_event=stop,
        rust_timeout=_WAKE_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    begun = False
    for batch in batches:
        if batch or not begun:
            yield sorted({Path(path).relative_to(root).as_posix() for _, path in batch})
        begun = True


def watch(
    notes: Path, build: Callable[[], Summary | None], stop: Event | None = None
) -> Iterator[tuple[list[str], Summary]]:
    """Build after each change; yield the paths that changed and the summary of the build, if it changed anything.

    A build that gives no summary could not be done; the next change tries again.
    """
    for paths in changes(notes, stop):
        summary = build()
        if summary is not None and any(summary.changed.values()):
            yield paths, summary
