"""The closed vocabularies of the graph, as plain `str` IRIs.

Each vocabulary is a class with one annotated name a term: `FM.Paper` is an IRI, `FM.Papier` an
`AttributeError` (and an error for mypy). `FM` lists the whole of `ontology/fm.ttl`, by test; the other
classes list only the terms that this package writes or asks for. Neither rdflib nor pyoxigraph nor `typing`
is imported, so that every module may import this one without a cost at start-up.
"""

# ruff: noqa: N815 -- the names are those of the vocabularies

from types import MappingProxyType

__all__ = [
    "ARXIV_IRI",
    "BIBO",
    "CITO",
    "DCTERMS",
    "FABIO",
    "FM",
    "FOAF",
    "MODELS_IRI",
    "ONTOLOGY_IRI",
    "OWL",
    "PREFIXES",
    "PRISM",
    "PROV",
    "RDF",
    "RDFS",
    "SCHEMA",
    "SKOS",
    "XSD",
    "Vocabulary",
]

ONTOLOGY_IRI = "https://w3id.org/fm-kg/ontology"
MODELS_IRI = "https://w3id.org/fm-kg/models"
ARXIV_IRI = "https://w3id.org/fm-kg/arxiv"

PREFIXES = MappingProxyType(
    {
        "fm": f"{ONTOLOGY_IRI}#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "dcterms": "http://purl.org/dc/terms/",
        "schema": "https://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "prov": "http://www.w3.org/ns/prov#",
        "bibo": "http://purl.org/ontology/bibo/",
        "fabio": "http://purl.org/spar/fabio/",
        "cito": "http://purl.org/spar/cito/",
        "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    }
)


class Vocabulary:
    """Base of the vocabularies: the annotated names of a subclass become IRIs of its namespace."""

    namespace: str  # The IRI that the names of the terms are appended to.
    _terms: frozenset[str]

    def __init_subclass__(cls, *, prefix: str) -> None:
        """Give each annotated name of the subclass its IRI, `PREFIXES[prefix]` followed by the name."""
        cls.namespace = PREFIXES[prefix]
        iris = {name: cls.namespace + name for name in cls.__annotations__}
        for name, iri in iris.items():
            setattr(cls, name, iri)
        cls._terms = frozenset(iris.values())

    @classmethod
    def terms(cls) -> frozenset[str]:
        """The IRIs of all terms of this vocabulary."""
        return cls._terms


class FM(Vocabulary, prefix="fm"):
    """The foundation-model ontology, `ontology/fm.ttl`."""

    # Classes: notes and what stands in them
    Note: str  # A Markdown file of the vault.
    NotePart: str  # What has a place within a note: a section, an entry, a property value or a link.
    Section: str  # A heading and the text below it.
    Entry: str  # One block of text: a list item, a paragraph, a table row …
    PropertyValue: str  # A front-matter key or an inline field with one of its values.
    Mention: str  # Words that name a model or concept.
    Link: str  # A link as it is written in a note.
    WikiLink: str  # A link to a note or an attachment of the vault.
    ExternalLink: str  # A link to a URL outside the vault, other than the one by which an entry presents its resource.
    LinkTarget: str  # What a wiki link can lead to.
    UnresolvedNote: str  # A name that is linked to and has no file.
    Attachment: str  # A file of the vault that is not a note.

    # Classes: external resources and their authors
    Resource: str  # A published thing outside the vault that notes refer to.
    Paper: str  # A scholarly article or a preprint.
    ReviewPaper: str  # A paper that surveys other work.
    Thesis: str  # A work submitted for an academic degree.
    Book: str  # A book.
    Course: str  # A course with its lectures and material.
    Talk: str  # A presentation before an audience.
    Poster: str  # A conference poster.
    WhitePaper: str  # A report in which an organization explains a matter.
    Code: str  # Source code, usually a repository.
    Dataset: str  # A data set.
    Video: str  # A video.
    WebPage: str  # Any other page of the web.
    Author: str  # Who wrote resources.

    # Classes: foundation models
    Model: str  # A machine-learning model or a family of them.
    FoundationModel: str  # A model trained on broad data to be adapted to many tasks.
    Modality: str  # A kind of signal, such as text or images.
    TrainingMethod: str  # A way of training or adapting a model.
    Task: str  # What a model is asked to do.
    Architecture: str  # A design of networks.
    Organization: str  # A company, laboratory, university or community.

    # Properties of notes and their parts
    path: str  # Where the file of a note or attachment is, from the root of the vault, with forward slashes.
    linksTo: str  # A note that is linked to.
    cites: str  # A paper that an entry of the note presents.
    covers: str  # A resource that an entry of the note presents.
    tag: str  # A tag without its '#'.
    hasProperty: str  # A front-matter key or inline field with its value.
    inNote: str  # The note that something stands in.
    contains: str  # A part that stands in a note.
    inSection: str  # The innermost section that something stands in.
    parentSection: str  # The enclosing section.
    level: str  # The rank of a heading, 1 to 6.
    line: str  # The line of the first character, counted from 1.
    text: str  # The entry's own text without markup.
    blockType: str  # The kind of Markdown block.
    blockId: str  # The block identifier, without its '^'.
    parentEntry: str  # The enclosing list item.
    inCallout: str  # The callout that an entry stands in.
    calloutType: str  # The type of a callout, such as 'note'.
    quoted: str  # Whether the entry stands in a block quote.
    taskStatus: str  # The character between the brackets of a task item.
    language: str  # The language that a code block names.
    footnoteLabel: str  # The label of a footnote's definition.
    highlight: str  # A highlighted passage.
    comment: str  # A passage that is hidden as a comment.

    # Properties of entries that are about resources
    presents: str  # The one resource that an entry is about.
    references: str  # A resource that an entry links to.
    statedTitle: str  # The title as the entry has it.
    statedAuthor: str  # The author's name as the entry has it.
    statedYear: str  # The year as the entry has it.
    statedVenue: str  # The venue or publisher as the entry has it.
    statedUrl: str  # The URL as the file has it, trimmed.
    statedVersion: str  # The version of an arXiv paper that the entry links to.
    citationStatus: str  # What became of an entry's claim to present something.
    remarksOn: str  # The resource that a nested text entry speaks of.
    hasRemark: str  # A nested text entry that speaks of the resource.

    # Properties of links
    inEntry: str  # The entry that a link stands in.
    inProperty: str  # The property value that a link stands in.
    embed: str  # Whether the link embeds what it leads to.
    linkStatus: str  # What became of a link when it was resolved.
    targetText: str  # The target as it is written, decoded.
    heading: str  # The heading that a wiki link points to.
    block: str  # The block identifier that a wiki link points to.
    alias: str  # The words shown instead of the target.
    target: str  # The note or file that a wiki link leads to.
    targetUrl: str  # The URL of an external link as the file has it.
    linkText: str  # The words of an external link.
    refersTo: str  # The resource that an external link leads to.

    # Properties of resources
    firstAuthor: str  # Who is named first among the authors.
    firstAuthorOf: str  # A resource that names an author first.
    coAuthor: str  # Who wrote a resource with its first author.
    worksOn: str  # A concept that an author or organization deals with.
    year: str  # The year of publication.
    arxivId: str  # The arXiv identifier without a version.
    doi: str  # The DOI in lower case.
    pmid: str  # The PubMed identifier.
    pmcid: str  # The PubMed Central identifier.
    implements: str  # The resource whose content a piece of code realizes.
    implementedBy: str  # Code that realizes the content of a resource.
    explains: str  # The resource that a video, talk or page explains.
    explainedBy: str  # A video, talk or page that explains a resource.
    publishedAs: str  # The publication that a preprint became.
    latestVersion: str  # The number of the latest version of an arXiv paper.
    primaryCategory: str  # The category under which a paper was submitted.
    supplements: str  # The resource that another one accompanies.
    supplementedBy: str  # A resource that accompanies this one.
    shortName: str  # The name that a title gives to what the resource introduces.
    topic: str  # A concept that a resource deals with.
    about: str  # A concept that a heading or the title of a note names.
    mentions: str  # A model or concept that a text or title names.
    mentionsDescendantOf: str  # A model from which a mentioned model descends.
    mentionedIn: str  # What the words of a mention stand in.
    mentionOf: str  # What the words of a mention name.
    words: str  # The words of a mention.
    start: str  # How many characters stand before the words of a mention.
    introduces: str  # A model that a resource was the first to describe.
    introducedBy: str  # The resource that was the first to describe a model.

    # Properties of models
    adaptedFrom: str  # A model that this one descends from.
    adaptedInto: str  # A model that descends from this one.
    fineTunedFrom: str  # The model that training continued from.
    instructionTunedFrom: str  # The model that was fine-tuned on instructions.
    distilledFrom: str  # The teacher model.
    developedBy: str  # An organization that developed a model.
    develops: str  # A model that an organization developed.
    inputModality: str  # A modality that a model reads.
    outputModality: str  # A modality that a model produces.
    hasArchitecture: str  # An architecture that a model is built to.
    trainedWith: str  # A method by which a model was trained.
    performsTask: str  # A task that a model was made for.
    parameterCount: str  # The number of parameters of a model.
    openWeights: str  # Whether the weights can be downloaded.
    modelKind: str  # What a model is.
    huggingFaceId: str  # A repository with weights of a model.

    # Properties of labels
    matchCase: str  # A label that counts only in exactly this case.
    needsContext: str  # A label that is also a common word.
    notNamedBy: str  # A phrase that holds a label and names something else.


class RDF(Vocabulary, prefix="rdf"):
    """Terms of RDF."""

    type: str  # The class of a thing.
    first: str  # The first item of a list.
    rest: str  # The list after its first item.
    nil: str  # The empty list.
    langString: str  # The datatype of text in a language.


class RDFS(Vocabulary, prefix="rdfs"):
    """Terms of RDF Schema."""

    label: str  # A name for people.
    comment: str  # A description for people.
    isDefinedBy: str  # The ontology that defines a term.
    seeAlso: str  # Where more is said.
    subClassOf: str  # A more general class.
    subPropertyOf: str  # A more general property.
    domain: str  # The class of a property's subjects.
    range: str  # The class of a property's objects.


class OWL(Vocabulary, prefix="owl"):
    """Terms of OWL 2."""

    Ontology: str  # An ontology.
    Class: str  # A class.
    ObjectProperty: str  # A property whose values are things.
    DatatypeProperty: str  # A property whose values are literals.
    AnnotationProperty: str  # A property that reasoners ignore.
    FunctionalProperty: str  # A property with at most one value.
    TransitiveProperty: str  # A property that chains with itself.
    SymmetricProperty: str  # A property that holds both ways.
    AsymmetricProperty: str  # A property that never holds both ways.
    AllDisjointClasses: str  # Classes without members in common, pair by pair.
    members: str  # The list of what an axiom is about.
    propertyChainAxiom: str  # A list of properties that together imply one.
    Thing: str  # The class of everything.
    Nothing: str  # The empty class.
    sameAs: str  # Another name of the same thing.
    differentFrom: str  # A name of another thing.
    disjointWith: str  # A class without members in common.
    inverseOf: str  # The same property read backwards.
    equivalentClass: str  # A class with the same members.
    versionIRI: str  # The IRI of one version of an ontology.
    versionInfo: str  # The version of an ontology in words.


class XSD(Vocabulary, prefix="xsd"):
    """Datatypes of XML Schema."""

    string: str  # Text.
    boolean: str  # true or false.
    integer: str  # A whole number.
    decimal: str  # A decimal number.
    double: str  # A floating-point number.
    anyURI: str  # A URI as text.
    date: str  # A day.
    dateTime: str  # A moment.
    time: str  # A time of the day.
    gYear: str  # A year.
    gYearMonth: str  # A month of a year.


class DCTERMS(Vocabulary, prefix="dcterms"):
    """Terms of Dublin Core."""

    title: str  # A name given to a resource.
    alternative: str  # Another name of a resource.
    created: str  # When it was made.
    modified: str  # When it was changed.
    date: str  # A time in its life.
    issued: str  # When it was published.
    abstract: str  # A summary.
    description: str  # An account of a resource.
    creator: str  # Who made it.
    subject: str  # What it is about.
    identifier: str  # An unambiguous reference.
    isPartOf: str  # What it is a part of.
    references: str  # What it refers to.
    relation: str  # A related resource.
    source: str  # What it is derived from.
    license: str  # Under which terms it may be used.
    isVersionOf: str  # What it is a version of.
    hasVersion: str  # A version of it.
    hasFormat: str  # The same content in another format.
    format: str  # The file format.
    bibliographicCitation: str  # How it is cited.


class SCHEMA(Vocabulary, prefix="schema"):
    """Terms of schema.org."""

    name: str  # A name; here of a property's key.
    value: str  # A value; here of a property.
    url: str  # An address on the web.
    keywords: str  # Keywords or tags.
    affiliation: str  # Where a person works.
    version: str  # The number of a version.
    creativeWorkStatus: str  # The stage of a work's life, such as withdrawn.


class SKOS(Vocabulary, prefix="skos"):
    """Terms of SKOS."""

    Concept: str  # An idea or notion.
    ConceptScheme: str  # A set of concepts.
    prefLabel: str  # The preferred name.
    altLabel: str  # Another name.
    hiddenLabel: str  # A name to be found by, not shown.
    notation: str  # A code of a concept.
    definition: str  # What a concept means.
    broader: str  # A more general concept.
    narrower: str  # A more special concept.
    related: str  # An associated concept.
    inScheme: str  # The scheme that a concept belongs to.
    topConceptOf: str  # The scheme that a concept is at the top of.
    hasTopConcept: str  # A concept at the top of a scheme.
    closeMatch: str  # A concept that is nearly the same.
    exactMatch: str  # A concept that is the same.


class FOAF(Vocabulary, prefix="foaf"):
    """Terms of FOAF."""

    Agent: str  # A person, group or organization.
    Person: str  # A person.
    Organization: str  # An organization.
    Document: str  # A document.
    name: str  # A name.
    homepage: str  # The home page of a thing.
    primaryTopic: str  # What a document is mainly about.


class PROV(Vocabulary, prefix="prov"):
    """Terms of PROV-O."""

    Entity: str  # A thing with a provenance.
    Activity: str  # Something that happens over time.
    Agent: str  # Who bears responsibility.
    SoftwareAgent: str  # A program that bears responsibility.
    wasDerivedFrom: str  # The entity that another one was made from.
    wasGeneratedBy: str  # The activity that made an entity.
    wasAttributedTo: str  # The agent that an entity is ascribed to.
    wasAssociatedWith: str  # The agent responsible for an activity.
    hadPrimarySource: str  # The first-hand source of an entity.
    generatedAtTime: str  # When an entity was made.
    startedAtTime: str  # When an activity began.
    endedAtTime: str  # When an activity ended.
    used: str  # An entity that an activity made use of.


class BIBO(Vocabulary, prefix="bibo"):
    """Terms of the Bibliographic Ontology."""

    Document: str  # A document.
    doi: str  # A DOI.
    pmid: str  # A PubMed identifier.
    authorList: str  # The authors in their order.


class FABIO(Vocabulary, prefix="fabio"):
    """Terms of FaBiO."""

    Preprint: str  # A manuscript that is shared before its publication.
    hasArXivId: str  # An arXiv identifier.
    hasPublicationYear: str  # The year of publication.
    hasPubMedId: str  # A PubMed identifier.
    hasPubMedCentralId: str  # A PubMed Central identifier.


class CITO(Vocabulary, prefix="cito"):
    """Terms of CiTO."""

    cites: str  # A cited work.
    isCitedBy: str  # A citing work.


class PRISM(Vocabulary, prefix="prism"):
    """Terms of PRISM."""

    doi: str  # The DOI of a publication.
