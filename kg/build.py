"""`kg build`: from a folder of notes to a published generation of the store."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

import kg
from kg import data, vocabulary
from kg.changes import Changes, find_changes
from kg.clock import Clock
from kg.config import Config
from kg.errors import DamagedError, Diagnostic, StoreError, UsageError
from kg.generations import Directory, Generation
from kg.iris import Iris
from kg.metadata import Record
from kg.settings import Settings
from kg.state import SCHEMA_VERSION, State, legible, sqlite_errors
from kg.store import GraphStore, publish
from kg.vault import Scan, scan

__all__ = ["Infer", "Progress", "Recall", "Summary", "build", "prepare"]

Progress = Callable[[int, int], None]
Recall = Callable[[Iterable[str]], Mapping[str, Record]]
Infer = Callable[[Generation, State], Sequence[object]]

_ENTRY_BUCKETS = ("presented", "crossReference", "withoutLink", "malformed")
_LINK_BUCKETS = ("resolved", "ambiguous", "missing", "attachment", "external")
_TOO_MANY = 0.2  # share of notes whose change makes a build from nothing the faster one
_FEW = 30  # changed notes for which a build from nothing is never worth it
_MANY_TOUCHED = 50  # files with a new time but the same content that are worth remembering
_RACY_NS = 50_000_000  # a file written this shortly before it was read may change again within the same time stamp


@dataclass(slots=True)
class Summary:
    """A build in numbers.

    Attributes:
        notes, entries: how many there are.
        tagged: entries that a tag announces as a resource; `entries_by_status` are its parts.
        links: links of all kinds; `links_by_status` are its parts.
        unresolved: distinct notes that are linked to and not written.
        resources: by class.
        quads: in all named graphs.
        changed: notes that were mapped or removed by this build.
        seconds: by stage.
        diagnostics: all findings about the notes, by path and line.
        notice: why the graph was built from nothing although there was one, or is less than it was, else "".
        contradictions: what contradicts the ontologies, when conclusions were asked for.
    """

    notes: int = 0
    entries: int = 0
    tagged: int = 0
    entries_by_status: dict[str, int] = field(default_factory=dict)
    links: int = 0
    links_by_status: dict[str, int] = field(default_factory=dict)
    unresolved: int = 0
    resources: dict[str, int] = field(default_factory=dict)
    quads: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    notice: str = ""
    contradictions: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The numbers as JSON has them; diagnostics as a count."""
        values = asdict(self)
        values["diagnostics"] = len(self.diagnostics)
        values["contradictions"] = len(self.contradictions)
        return values


def build(  # noqa: PLR0913
    notes: Path,
    store: Path,
    config: Config | None = None,
    *,
    progress: Progress | None = None,
    recall: Recall | None = None,
    infer: Infer | None = None,
    wait: bool = False,
) -> Summary:
    """Build the graph of a vault and publish it.

    A build after the first one maps only the notes that changed; it comes to the same graph as a build from nothing.

    Args:
        notes: the folder of notes; nothing is ever written into it.
        store: the store directory.
        config: base IRI, excludes and tags.
        progress: called with the number of notes done and of all notes.
        recall: gives what is known, without asking anybody, of papers by arXiv id; called when the last graph had
            fetched metadata that cannot be read any more.
        infer: puts what follows into a graph that is not published yet, and gives what contradicts the ontologies.
        wait: wait for another build of this store instead of failing.

    Raises:
        VaultError: the folder of notes cannot be read.
        StoreError: the store cannot be written.
        StoreBusyError: another build is running.
        UsageError: the store would lie inside the vault.
    """
    config = config or Config()
    clock = Clock()
    if store.resolve().is_relative_to(notes.resolve()):
        raise UsageError(
            f"the store {store} lies inside the notes, which are never written to; give --store DIR elsewhere"
        )
    directory = Directory(store)
    with directory.building(wait=wait):
        now = time.time_ns()
        found = scan(notes, config.exclude)
        found.notes = [f._replace(mtime_ns=-1) if f.mtime_ns > now - _RACY_NS else f for f in found.notes]
        clock.stage("scan")
        try:
            return _Build(notes, directory, config, found, progress, clock, recall=recall, infer=infer).run()
        except OSError as error:
            raise StoreError(f"{store}: {error.strerror or error}; the last graph is still in place") from error


def prepare(store: Path) -> None:
    """Make what a build after a change needs, so that the next one in this process is quicker.

    Raises:
        StoreError: there is no graph.
        DamagedError: its state is damaged.
    """
    import kg.incremental  # noqa: F401, PLC0415

    with Directory(store).reading() as live, sqlite_errors(), closing(State.read(live.state)) as state:
        state.catalogue.finder.find(())


def _beside(notes: Path) -> Path:
    """The folder of vocabularies when none is configured: in the folder of notes, else beside it."""
    own = notes / "vocabulary"
    return own if own.is_dir() else notes.parent / "vocabulary"


def _inferred(state: State) -> int:
    """How many quads were concluded."""
    found = state.meta("inferred")
    return int(found["quads"]) if isinstance(found, dict) else 0


class _Build:
    """One build, from what was found to the summary."""

    def __init__(  # noqa: PLR0913
        self,
        notes: Path,
        directory: Directory,
        config: Config,
        found: Scan,
        progress: Progress | None,
        clock: Clock,
        *,
        recall: Recall | None,
        infer: Infer | None,
    ) -> None:
        self.notes = notes
        self.directory = directory
        self.found = found
        self.progress = progress
        self.recall = recall
        self.infer = infer
        self.contradictions: list[str] = []
        self.base_iri = config.base_iri
        self.clock = clock
        self.vocabularies = vocabulary.files_in(config.vocabulary or _beside(notes))
        self.settings = Settings(
            str(notes), config.base_iri, config.tags, vocabularies=tuple(map(str, self.vocabularies))
        )
        self.identity = {
            "version": kg.__version__,
            "schema": SCHEMA_VERSION,
            "base_iri": config.base_iri,
            "tags": {tag: list(names) for tag, names in config.tags.items()},
            "notes": legible(str(notes.resolve())),
            "vocabulary": vocabulary.digest([data.ontology(), data.models(), *self.vocabularies]),
        }

    def run(self) -> Summary:
        """Choose the cheapest way to the graph of the notes and take it."""
        live = self.directory.current()
        if live is None:
            self.directory.clean(live)
            return self.cold("", None, lost=self.directory.was_built())
        self.directory.clean(live)
        try:
            with sqlite_errors(), closing(State.read(live.state)) as state:
                notice = self.unlike(state)
                if not notice:
                    changes = self.compare(state)
                    lacking = self.infer is not None and not state.meta("inferred")
                    if not changes and not lacking and len(changes.touched) < _MANY_TOUCHED:
                        GraphStore.read(live.graph)  # raises when its files are damaged
                        return self.unchanged(state)
            if not notice and len(changes) <= max(_TOO_MANY * len(self.found.notes), _FEW):
                return self.incremental(live, changes)
        except DamagedError as error:
            notice = f"{error}; building from nothing"
        return self.cold(notice, live, lost=False)

    def compare(self, state: State) -> Changes:
        """How the vault differs from the one that the last graph was built from."""
        known = state.meta("attachments")
        changes = find_changes(self.notes, self.found, state.files(), known if isinstance(known, list) else [])
        self.clock.stage("compare")
        return changes

    def unlike(self, state: State) -> str:
        """Why the last graph is no base for this one, else an empty string."""
        for key, value in self.identity.items():
            was = state.meta(key)
            if was != value:
                what = {"schema": "format", "base_iri": "base IRI", "notes": "folder"}.get(key, key)
                values = "" if key in ("tags", "vocabulary") else f" {was}, now {value}"
                return f"the last graph was built with another {what}{values}; building from nothing"
        return ""

    def unchanged(self, state: State) -> Summary:
        saved = state.meta("summary")
        summary = Summary(**saved) if isinstance(saved, dict) else Summary()
        summary.changed = dict.fromkeys(("added", "edited", "deleted"), 0)
        summary.diagnostics = sorted(self.found.diagnostics + state.diagnostics())
        summary.seconds = self.clock.total()
        return summary

    def incremental(self, live: Generation, changes: Changes) -> Summary:
        from kg.incremental import build_incremental  # noqa: PLC0415 - a build that finds nothing changed is quick

        counts = {"added": len(changes.added), "edited": len(changes.edited), "deleted": len(changes.deleted)}
        with (
            self.directory.draft(clone=live) as generation,
            sqlite_errors(),
            closing(State.change(generation.state)) as state,
        ):
            settings = self.settings._replace(lexicon=state.lexicon)
            build_incremental(generation, state, settings, self.found, changes)
            self.clock.stage("update")
            ontology = state.meta("ontology")
            notice = self.conclude(generation, state)
            summary = self.publish(generation, state, ontology if isinstance(ontology, int) else 0, counts)
            summary.notice = notice
            return summary

    def metadata(self, live: Generation | None, state: State, *, lost: bool) -> Mapping[str, Record]:
        """What was fetched for the last graph; when that cannot be read, what was ever fetched for its papers."""
        if live is not None:
            try:
                with sqlite_errors(), closing(State.read(live.state)) as last:
                    state.set_meta(authors=last.meta("authors"))
                    return last.all_metadata()
            except DamagedError:
                lost = True
        from kg.bibliography import arxiv_page  # noqa: PLC0415

        known = self.recall(state.arxiv_ids()) if lost and self.recall is not None else {}
        return {arxiv_page(record): record for record in known.values()}

    def cold(self, notice: str, live: Generation | None, *, lost: bool) -> Summary:
        from kg.cold import build_cold  # noqa: PLC0415

        counts = {"added": len(self.found.notes), "edited": 0, "deleted": 0}
        with (
            self.directory.draft() as generation,
            sqlite_errors(),
            closing(State.create(generation.state)) as state,
        ):
            ontology = build_cold(
                generation,
                state,
                self.settings._replace(lexicon=vocabulary.read([data.models(), *self.vocabularies])),
                self.found,
                self.progress,
                self.clock,
                metadata=lambda state: self.metadata(live, state, lost=lost),
            )
            self.conclude(generation, state)
            summary = self.publish(generation, state, ontology, counts)
            summary.notice = notice
            return summary

    def conclude(self, generation: Generation, state: State) -> str:
        """Bring what follows up to date, or remove it; says when it is gone."""
        state.set_meta(base_iri=self.base_iri)
        if self.infer is not None:
            self.contradictions = [str(contradiction) for contradiction in self.infer(generation, state)]
            self.clock.stage("infer")
        elif state.meta("inferred"):
            from kg.conclusions import forget_inferred  # noqa: PLC0415

            graph = GraphStore.change(generation.graph)
            forget_inferred(graph, state, Iris(self.base_iri))
            graph.flush()
            return "what was concluded from the last graph is gone; build with --infer, or run `kg infer` again"
        return ""

    def publish(self, generation: Generation, state: State, ontology: int, changed: Mapping[str, int]) -> Summary:
        """Count what a finished generation holds, and make it the live one."""
        notes, unwritten = state.sizes()
        totals = state.totals()
        summary = Summary(
            notes=notes,
            entries=totals["entries"],
            entries_by_status={name: totals[f"entry {name}"] for name in _ENTRY_BUCKETS},
            links_by_status={name: totals[f"link {name}"] for name in _LINK_BUCKETS},
            unresolved=unwritten,
            resources={name[6:]: totals[name] for name in sorted(totals) if name.startswith("class ")},
            quads=state.quads() + ontology + _inferred(state),
        )
        summary.tagged = sum(summary.entries_by_status.values())
        summary.links = sum(summary.links_by_status.values())
        saved = asdict(summary)
        for key in ("changed", "seconds", "diagnostics", "notice", "contradictions"):
            del saved[key]
        state.set_meta(
            **self.identity,
            ontology=ontology,
            attachments=self.found.attachments,
            summary=saved,
            findings=self.found.diagnostics,
        )
        summary.diagnostics = sorted(self.found.diagnostics + state.diagnostics())
        summary.changed = dict(changed)
        summary.contradictions = self.contradictions
        state.finish()
        publish(self.directory, generation)
        self.clock.stage("publish")
        summary.seconds = self.clock.total()
        return summary
