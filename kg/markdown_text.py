"""Runs of text as Markdown leaves them, cut into bare URLs, tags and words.

Markdown knows neither: a URL may come in pieces where it takes `_` or `*` for emphasis, and whether `#` starts a tag
depends on what the source has before it.
"""

import re
from collections.abc import Iterator

from kg import inline
from kg.blocks import Span

__all__ = ["TextReader"]

_TAG_MAY_FOLLOW = frozenset((b"", b" ", b"\t", b"\n", b"*", b"_", b"=", b"~", b"(", b">"))
_UNBROKEN = re.compile(rb"[^\s\x00-\x1f<>\"`]+")
_Cut = tuple[int, int, Span]


class TextReader:
    """Appends texts to spans.

    Attributes:
        data: the body in UTF-8, in which all places are byte offsets.
        skip: the offset up to which everything was read already, as part of a bare URL.

    """

    __slots__ = ("data", "skip")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.skip = 0

    def read(self, value: str, start: int, end: int, spans: list[Span]) -> None:
        """Append a text, rendered as `value`, that stands at `start` to `end`."""
        if start < self.skip:
            start = self.skip
            value = self.data[start:end].decode(errors="replace")
        cuts = [*self._urls(value, end)] if "://" in value else []
        if "#" in value:
            cuts = sorted([*cuts, *self._tags(value, start, end, spans)], key=lambda cut: cut[0])
        position = 0
        for first, stop, span in cuts:
            if first < position:  # a tag within a URL
                continue
            if first > position:
                spans.append(Span("text", value[position:first]))
            spans.append(span)
            position = stop
        if position < len(value):
            spans.append(Span("text", value[position:]))

    def _urls(self, value: str, end: int) -> Iterator[_Cut]:
        for first, stop in inline.find_urls(value):
            url = value[first:stop]
            source = url.encode()
            if stop == len(value) and self.data.endswith(source, 0, end):
                url = self._whole(end - len(source), url)
            yield first, stop, Span("link", url, url, bare=True)

    def _whole(self, position: int, url: str) -> str:
        """A bare URL up to its end in the source: Markdown may have read a part of it as emphasis."""
        unbroken = _UNBROKEN.match(self.data, position)
        source = unbroken[0].decode(errors="ignore") if unbroken else ""
        found = next(inline.find_urls(source), None)
        if found is None or found[0] or not source.startswith(url):
            return url
        whole = source[: found[1]]
        if len(whole) > len(url):
            self.skip = position + len(whole.encode())
        return whole

    def _tags(self, value: str, start: int, end: int, spans: list[Span]) -> Iterator[_Cut]:
        place = max(start - 1, 0)
        escaped: list[str] = []
        if self.data.find(b"\\#", place, end) >= 0:
            escaped = inline.escaped_tags(self.data[place:end].decode(errors="ignore"))
        joined = bool(spans) and spans[-1].text != "\n" and self.data[start - 1 : start] not in _TAG_MAY_FOLLOW
        for first, stop, tag in inline.find_tags(value):
            if tag in escaped:
                escaped.remove(tag)
            elif first or not joined:
                yield first, stop, Span("tag", tag)
