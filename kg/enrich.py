"""`kg enrich`: what arXiv says of the papers of the graph, found in the cache or asked for, put into the graph.

Asking needs no lock: while it goes on, builds may. What is known in the end goes into a new generation of the store,
as after any other change: the parts of the papers concerned are replaced whole, their records concluded anew.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kg import records
from kg.bibliography import arxiv_page
from kg.clock import Clock
from kg.conclusions import conclude, forget_inferred, tell, untell
from kg.enrichment.cache import Cache, default_path
from kg.enrichment.client import API_URL, ArxivClient
from kg.enrichment.datacite import API_URL as DOI_URL
from kg.enrichment.datacite import DELAY, DataCiteClient
from kg.enrichment.gather import Gatherer, take_snapshot
from kg.enrichment.ids import normalize_id
from kg.enrichment.search import Decisions, Wanted, search
from kg.enrichment.snapshot import Snapshot
from kg.enrichment.transport import ARXIV_DELAY, FaultError, Manners
from kg.errors import StoreError, UsageError
from kg.generations import Directory, Generation
from kg.iris import Iris
from kg.metadata import Record
from kg.resource_mentions import Mention
from kg.state import State, sqlite_errors
from kg.store import GraphStore, publish

__all__ = ["Enrichment", "Options", "Progress", "enrich", "put", "recall"]

_FEW = 1 << 20  # bytes of quads below which adding them one by one is faster than making a file of them

Progress = Callable[[int, int, float | None], None]
"""Told how much is done, of how much, and how many seconds are left, if that can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to ask.

    Attributes:
        cache: where answers are kept.
        api_url: whom to ask instead of arXiv, else "".
        contact: whom arXiv may write to.
        delay: seconds between requests; None for arXiv's own terms.
        refresh: ask again for what is at least this old; None for the usual lifetimes.
        offline: ask nobody.
        snapshot: a bulk file to read instead of asking.
        fallback: ask DataCite for what arXiv does not tell.
        fallback_url: whom to ask instead of DataCite, else "".
        authors: `shared` or `per-paper`; "" to leave it as it is.
        search: look up papers without an arXiv id by title.
        decisions: the file that says what was found so; None when there is none.
    """

    cache: Path = field(default_factory=default_path)
    api_url: str = ""
    contact: str = ""
    delay: float | None = None
    refresh: timedelta | None = None
    offline: bool = False
    snapshot: Path | None = None
    fallback: bool = False
    fallback_url: str = ""
    authors: str = ""
    search: bool = False
    decisions: Path | None = None


@dataclass(slots=True)
class Enrichment:
    """What came of it.

    Attributes:
        papers: arXiv ids in the graph.
        found, withdrawn, missing, failed: how many of them ended so.
        cached: how many were known without a request.
        requests: how many were made.
        changed: papers whose part of the graph is new or another one.
        lines: the same in words, with reasons.
        given_up: why nobody could be asked any more, else "".
        seconds: by stage.
    """

    papers: int = 0
    found: int = 0
    withdrawn: int = 0
    missing: int = 0
    failed: int = 0
    cached: int = 0
    requests: int = 0
    changed: int = 0
    lines: list[str] = field(default_factory=list)
    given_up: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """The numbers and reasons as JSON has them."""
        return asdict(self)


def recall(path: Path) -> Callable[[Iterable[str]], Mapping[str, Record]]:
    """Give a function that tells what a cache knows of papers by arXiv id, however old, without asking anybody."""

    def known(ids: Iterable[str]) -> Mapping[str, Record]:
        if not path.exists():
            return {}
        with Cache(path) as cache:
            found = {name: cache.get(name) for name in ids if _is_id(name)}
        return {name: record for name, record in found.items() if record is not None}

    return known


def enrich(
    store: Path,
    options: Options,
    *,
    progress: Progress = lambda _done, _total, _left: None,
    notice: Callable[[str], None] = lambda _: None,
) -> Enrichment:
    """Complete the papers of a graph with what arXiv says of them.

    Args:
        store: the store directory.
        options: see there.
        progress: see there.
        notice: told in one sentence what a person should know meanwhile.

    Raises:
        StoreError: there is no graph, or the store or the cache cannot be read or written.
        UsageError: the bulk file cannot be read, or an address is none.
    """
    clock = Clock()
    directory = Directory(store)
    decisions = Decisions(options.decisions) if options.decisions is not None else None
    with directory.reading() as live, sqlite_errors(), closing(State.read(live.state)) as state:
        state.check_format()
        ids = state.arxiv_ids()
        unknown = [_wanted(resource, mentions) for resource, mentions in state.papers_without_id()]
    result = Enrichment()
    with Cache(options.cache) as cache, ExitStack() as stack:
        if cache.notice:
            notice(cache.notice)
        client, fallback = _clients(options, notice, stack)
        if options.snapshot is not None:
            _read_snapshot(options.snapshot, ids, cache, result, progress)
        if options.search and client is not None and decisions is not None:
            _search(unknown, client, decisions, cache, result, progress)
        matched = decisions.accepted() if decisions is not None else {}
        matched = {each.resource: matched[each.resource] for each in unknown if each.resource in matched}
        found = _gather(
            [*ids, *matched.values()], Gatherer(cache, client, fallback, notice=notice), options, result, progress
        )
    clock.stage("ask")
    by_resource = {arxiv_page(found[name]): found[name] for name in ids if name in found}
    by_resource |= {resource: found[name] for resource, name in matched.items() if name in found}
    result.changed = put(directory, by_resource, options.authors, matched)
    clock.stage("update")
    result.seconds = clock.total()
    return result


def _wanted(resource: str, mentions: list[Mention]) -> Wanted:
    record = records.conclude(mentions)
    return Wanted(resource, record.title, record.author, record.year)


def _is_id(text: str) -> bool:
    try:
        normalize_id(text)
    except ValueError:
        return False
    return True


def _read_snapshot(path: Path, ids: list[str], cache: Cache, result: Enrichment, progress: Progress) -> None:
    try:
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    wanted = [name for name in ids if _is_id(name)]
    snapshot = Snapshot(path, wanted, retrieved=made, progress=lambda done, size: progress(done, size, None))
    counts = take_snapshot(snapshot, cache)
    result.lines.append(
        f"{path}: {counts.total()} of {len(wanted)} papers in {snapshot.read:,} lines, "
        f"{snapshot.malformed:,} of them malformed"
    )


def _clients(
    options: Options, notice: Callable[[str], None], stack: ExitStack
) -> tuple[ArxivClient | None, DataCiteClient | None]:
    """Whom to ask, and whom else; nobody when the network is not wanted. They are closed with the stack."""
    if options.offline or options.snapshot is not None:
        return None, None
    delay = ARXIV_DELAY if options.delay is None else options.delay
    manners = Manners(contact=options.contact, delay=delay)
    client = ArxivClient(api_url=options.api_url or API_URL, manners=manners, notice=notice)
    stack.callback(client.close)
    if not options.fallback:
        return client, None
    manners = Manners(contact=options.contact, delay=DELAY if options.delay is None else options.delay)
    fallback = DataCiteClient(api_url=options.fallback_url or DOI_URL, manners=manners, notice=notice)
    stack.callback(fallback.close)
    return client, fallback


def _search(
    papers: list[Wanted],
    client: ArxivClient,
    decisions: Decisions,
    cache: Cache,
    result: Enrichment,
    progress: Progress,
) -> None:
    """Look up papers by title; when arXiv is given up meanwhile, what was decided is kept."""
    left = [wanted for wanted in papers if wanted.resource not in decisions.by_resource]
    counts: Counter[str] = Counter()

    def keep(record: Record, raw: bytes) -> None:
        cache.keep([(record, raw)], latest=[record.arxiv_id])

    before = client.requests
    try:
        with cache.turn():
            for done, decision in enumerate(search(left, client, decisions, keep), 1):
                asks = decision.arxiv.startswith("?")
                counts["doubtful" if asks else "found" if decision.accepted else "not on arXiv"] += 1
                progress(done, len(left), None)
    except FaultError as fault:
        result.given_up = f"arXiv was given up: {fault}"
    found = ", ".join(f"{counts[name]} {name}" for name in ("found", "doubtful", "not on arXiv"))
    result.lines.append(f"{counts.total()} papers looked up by title: {found}; see {decisions.path}")
    result.requests += client.requests - before


def _gather(
    ids: list[str], gatherer: Gatherer, options: Options, result: Enrichment, progress: Progress
) -> dict[str, Record]:
    """Gather the records of all papers, count how each search ended, and give what was found."""
    gathered = gatherer.gather(
        ids, refresh=options.refresh, progress=lambda at: progress(at.done, at.total, at.remaining)
    )
    result.papers = len(gathered.outcomes)
    result.found, result.withdrawn = gathered.count("found"), gathered.count("withdrawn")
    result.missing, result.failed = gathered.count("missing"), gathered.count("failed")
    result.cached = gathered.cached
    result.requests += gathered.requests
    result.lines += gathered.summary()
    given_up = (outcome.why for outcome in gathered.outcomes.values() if "given up: " in outcome.why)
    result.given_up = next(given_up, result.given_up)
    return gathered.records


def put(
    directory: Directory, known: Mapping[str, Record], authors: str = "", matched: Collection[str] | None = None
) -> int:
    """Publish a generation of a store that has these records, none when the last one has them all.

    Args:
        directory: the store.
        known: what is known, by resource; those that no note mentions are left out.
        authors: see `Options`.
        matched: the resources that are no pages of arXiv and yet known to be papers of it; what was known of others
            is forgotten. None to forget nothing.

    Returns:
        How many records are new or other ones.

    Raises:
        StoreError: there is no graph, or the store cannot be written.
    """
    with directory.building(wait=True):
        live = directory.current()
        if live is None:
            raise StoreError(f"{directory.root}: the graph is gone; run `kg build` again")
        with sqlite_errors(), closing(State.read(live.state)) as state:
            changed = {
                resource: record
                for resource, record in known.items()
                if state.has_record(resource) and state.metadata(resource) != record
            }
            were = state.meta("authors") or "shared"
            again = set(state.to_tell()).difference(changed) if (authors or were) != were else set()
            gone = {
                resource
                for resource, record in (state.all_metadata() if matched is not None else {}).items()
                if resource != arxiv_page(record) and resource not in (matched or ())
            }
        if not changed and not again and not gone:
            return 0
        directory.clean(live)
        with directory.draft(clone=live) as generation:
            _replace(generation, changed, again | gone, gone, str(authors or were))
            publish(directory, generation)
        return len(changed)


def _replace(
    generation: Generation, changed: Mapping[str, Record], again: Iterable[str], gone: Collection[str], authors: str
) -> None:
    """Replace what a copy of the last generation says of some papers, whole."""
    resources = sorted({*changed, *again})
    with sqlite_errors(), closing(State.change(generation.state)) as state:
        iris = Iris(str(state.meta("base_iri")))
        graph = GraphStore.change(generation.graph)
        forget_inferred(graph, state, iris)  # what followed may follow no more: `kg infer` concludes it again
        for resource in resources:
            graph.remove_lines(untell(resource, iris, state).encode())
            if resource in gone:
                state.remove_metadata(resource)
            elif resource in changed:
                state.set_metadata(resource, changed[resource])
        state.set_meta(authors=authors)
        lines: list[str] = []
        for resource in resources:
            record = conclude(resource, state.mentions_of(resource), iris, state)
            if record is not None:
                graph.remove_record(resource, iris.resources_graph)
                lines.append(record)
            lines.append(tell(resource, iris, state))
        quads = "".join(lines).encode()
        (graph.load if len(quads) > _FEW else graph.load_few)(quads)
        graph.drop_if_empty(iris.arxiv_graph)
        graph.flush()
        summary, ontology = state.meta("summary"), state.meta("ontology")
        if isinstance(summary, dict) and isinstance(ontology, int):
            state.set_meta(summary=summary | {"quads": state.quads() + ontology})
        state.finish()
