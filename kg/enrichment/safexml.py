"""XML from strangers: well-formed or refused, and never larger in memory than what was sent.

A document type declaration is refused outright, so there are no entities to expand and nothing external to
load; none of the formats read here has one. Nesting and size are bounded.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

__all__ = ["Document", "UnsafeXmlError", "XmlError", "read_document", "read_xml"]

MAX_DEPTH = 64


class XmlError(ValueError):
    """The bytes are not one well-formed XML document; the message is one sentence."""


class UnsafeXmlError(XmlError):
    """The document declares a type or entities, is nested absurdly or is too large."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document, and where parts of it stand in its bytes.

    Attributes:
        root: its root.
        start: where the root's start tag begins.
        spans: where each child of the root that has the name that was asked for begins and ends.
    """

    root: Element
    start: int
    spans: tuple[tuple[int, int], ...]


class _Reader:
    """Handlers that build a tree and note where elements of one name stand in the bytes."""

    def __init__(self, data: bytes, wanted: str, *, namespaces: bool) -> None:
        self.data = data
        self.start = -1
        self.spans: list[tuple[int, int]] = []
        self._wanted = wanted
        self._namespaces = namespaces
        self._builder = TreeBuilder()
        self._depth = 0
        self._starts: list[int] = []
        self.parser = expat.ParserCreate("utf-8", "}" if namespaces else None)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._builder.data
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse

    def read(self) -> Element:
        if b"\0" in self.data[:4] or self.data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise XmlError("not well-formed XML: not in UTF-8")  # expat would follow its byte order mark
        try:
            self.parser.Parse(self.data, True)
        except expat.ExpatError as error:
            raise XmlError(f"not well-formed XML: {error}") from error
        return self._builder.close()

    def _name(self, name: str) -> str:
        if self._namespaces:
            return "{" + name if "}" in name else name
        return name.rpartition(":")[2]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnsafeXmlError(f"XML nested deeper than {MAX_DEPTH} elements")
        if self.start < 0:
            self.start = self.parser.CurrentByteIndex
        name = self._name(name)
        if name == self._wanted and self._depth == 2:
            self._starts.append(self.parser.CurrentByteIndex)
        self._builder.start(name, attributes)

    def _end(self, name: str) -> None:
        name = self._name(name)
        if name == self._wanted and self._depth == 2:
            end = self.data.find(b">", self.parser.CurrentByteIndex) + 1
            self.spans.append((self._starts.pop(), end))
        self._builder.end(name)
        self._depth -= 1

    def _refuse(self, *_: object) -> None:
        raise UnsafeXmlError("XML with a document type or entity declaration, which no such answer has")


def read_xml(data: bytes, *, limit: int, namespaces: bool = True) -> Element:
    """Parse one document.

    Args:
        data: the document, in UTF-8.
        limit: largest number of bytes that is looked at.
        namespaces: give names as `{namespace}local`; when false, drop prefixes and know local names only,
            which also reads a fragment whose prefixes are declared outside of it.

    Raises:
        UnsafeXmlError: see there.
        XmlError: the document is not well-formed.
    """
    return read_document(data, "", limit=limit, namespaces=namespaces).root


def read_document(data: bytes, name: str, *, limit: int, namespaces: bool = True) -> Document:
    """Parse as `read_xml` does, and say where the children of the root called `name` begin and end."""
    if len(data) > limit:
        raise UnsafeXmlError(f"XML of {len(data):,} bytes, more than the {limit:,} that are read")
    reader = _Reader(data, name, namespaces=namespaces)
    root = reader.read()
    return Document(root, reader.start, tuple(reader.spans))
