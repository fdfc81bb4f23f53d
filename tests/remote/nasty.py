"""A dataset that is legal throughout and hard to carry: what stores, formats and protocols tend to get wrong."""

import pyoxigraph as ox

from kg.store import GraphStore

BASE = "https://nasty.example/"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_P = ox.NamedNode(f"{BASE}p")

_ESCAPES = [
    *(
        '"',
        "'",
        "\\",
        "\\\\",
        '"""',
        "'''",
        '\\"',
        "a\\",
        "\\n",
        "\\t",
        "\\u0041",
        "\\\\u0041",
        "\\U0001F600",
        "\n",
        "\t",
    ),
    *("\r\n", "\u4e2d", "\U0001f600", "\U0001f469\u200d\U0001f4bb", "\u202e right to left \u202c"),
    *(
        "{ ?s ?p ?o }",
        "# no comment",
        "<http://a/>",
        "%41",
        "&amp; <b>",
        "]]>",
        "$1 \\1",
        "_:b ",
        " . ",
        "a ;\n b",
        " leading",
    ),
    *(
        "trailing ",
        "  ",
        "\u00a0",
        "@en",
        "^^<x>",
        "INSERT DATA",
        "null",
        "true",
        "1",
        "--",
        "/* */",
        "\ufeffbom",
        "}",
        "GRAPH <x> {",
    ),
]
_CONTROLS = [
    chr(code) for code in (*range(1, 9), 11, 12, *range(14, 32), 0x7F, 0x80, 0x85, 0x9F, 0x2028, 0x2029, 0xFFFD)
]
_LANGUAGES = ("en", "en-gb", "de-1996", "zh-hant-tw", "x-private", "sl-rozaj-biske-1994", "es-419", "en-us-x-twain")
_TYPED = [
    *(("integer", text) for text in ("1", "-1", "0", "01", "+1", "-0", "123456789012345678901234567890", "x", "")),
    *(("decimal", text) for text in ("1.0", "1", ".5", "1.", "-0.0", "0.1000", "123456789.123456789012345678901234")),
    *(("double", text) for text in ("1", "1e0", "1.0E0", "1E400", "INF", "-INF", "NaN", "-0.0E0", "0.1")),
    *(("float", text) for text in ("1", "0.1", "16777217", "INF")),
    *(("boolean", text) for text in ("true", "false", "1", "0", "yes")),
    *(("dateTime", text) for text in ("2020-01-01T00:00:00", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00.100+02:00")),
    *(("dateTime", text) for text in ("2020-01-01T24:00:00Z", "-0044-03-15T00:00:00Z", "yesterday")),
    *(("date", "2020-02-30"), ("date", "2020-01-01"), ("date", "2020-01-01Z"), ("gYear", "2021"), ("gYear", "-0044")),
    *(("gYearMonth", "2021-05"), ("time", "12:00:00"), ("duration", "P1Y2M3DT4H5M6S"), ("dayTimeDuration", "PT36H")),
    *(
        ("anyURI", "http://a/ b"),
        ("base64Binary", "AA=="),
        ("hexBinary", "ff"),
        ("language", "en"),
        ("token", " a  b "),
    ),
    *(("byte", "300"), ("unsignedInt", "-1"), ("nonNegativeInteger", "007"), ("long", "9223372036854775808")),
]
_IRIS = [
    "http://example.org/!$&'()*+,;=:@-._~/%20%C3%A9%2F?q=a/b?c&d=x#frag/ment?",
    "http://user:pw@example.org:8080/",
    "http://[2001:db8::1]/",
    "http://example.org/\u00e9\u4e2d\U0001f600",
    "http://xn--mnchen-3ya.example/",
    "http://m\u00fcnchen.example/",
    "http://example.org",
    "http://example.org/#",
    "http://example.org/?",
    "http://example.org/a//b/./c/../d",
    "HTTP://EXAMPLE.org/Case",
    "urn:isbn:9780131103627",
    "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "mailto:a+b@example.org?subject=x",
    "tag:example.org,2020:a:b",
    "doi:10.1002/(SICI)1097-4571(199806)49:8%3C693::AID-ASI4%3E3.0.CO;2-O",
    "file:///C:/a%20b",
    "data:text/plain;base64,QQ==",
    "a:b",
    "http://example.org/" + "x" * 1500,
]


def nasty_store() -> GraphStore:
    """The dataset, in a store in memory; each graph is one kind of trouble, and two have troublesome names."""
    store = ox.Store()

    def say(graph: str, *values: ox.Literal | ox.NamedNode | ox.BlankNode) -> None:
        for number, value in enumerate(values):
            store.add(ox.Quad(ox.NamedNode(f"{BASE}s{number}"), _P, value, ox.NamedNode(f"{BASE}{graph}")))

    say("graph/resources", ox.Literal("what every vault has"))
    say("escapes", *map(ox.Literal, _ESCAPES))
    say("compositions", ox.Literal("\u00e9"), ox.Literal("e\u0301"))
    say("controls", *(ox.Literal(f"a{character}b") for character in _CONTROLS))
    say("languages", *(ox.Literal("chat", language=tag) for tag in _LANGUAGES))
    say("datatypes", *(ox.Literal(text, datatype=ox.NamedNode(XSD + name)) for name, text in _TYPED))
    say(
        "other-datatypes",
        ox.Literal("<b>x</b>", datatype=ox.NamedNode(f"{RDF}HTML")),
        ox.Literal("<b>x</b>", datatype=ox.NamedNode(f"{RDF}XMLLiteral")),
        ox.Literal('{"a": 1}', datatype=ox.NamedNode(f"{RDF}JSON")),
        ox.Literal("POINT(1 2)", datatype=ox.NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")),
        ox.Literal("x", datatype=ox.NamedNode("urn:own:datatype")),
    )
    say("sizes", ox.Literal(""), ox.Literal("", language="en"), ox.Literal("word \u00e9\U0001f600 " * 80_000))
    say("iris", *map(ox.NamedNode, _IRIS))
    for number, text in enumerate(_IRIS):
        store.add(ox.Quad(ox.NamedNode(text), ox.NamedNode(text), ox.Literal(str(number)), ox.NamedNode(f"{BASE}iris")))
    one, two, three, four = (ox.BlankNode(label) for label in ("9c", "b", "0-x", "x_y"))
    blank = ox.NamedNode(f"{BASE}blank-nodes")
    for subject, item in ((one, two), (two, one), (three, three), (four, one), (one, four)):
        store.add(ox.Quad(subject, _P, item, blank))
    store.add(ox.Quad(ox.BlankNode(), _P, ox.Literal("_:b not a node"), blank))
    store.add(ox.Quad(ox.BlankNode(), _P, ox.Literal("_:b not a node"), blank))
    other = ox.NamedNode(f"{BASE}other-blank-nodes")
    store.add(ox.Quad(two, _P, ox.Literal("a label of the other graph, another node"), other))
    for name in (_IRIS[0], _IRIS[3]):
        store.add(ox.Quad(ox.NamedNode(f"{BASE}s"), _P, ox.Literal("name"), ox.NamedNode(name)))
    return GraphStore(store)
