"""What arXiv says about papers: asked politely, checked, kept, and read from bulk files.

::

    ids        which strings are arXiv ids                      (no network, no files)
    tex        titles, abstracts and names without TeX
    safexml    XML that cannot hurt
    records    one paper as its source states it; `read_raw` reads it again from the bytes that were kept
    atom       the answers of arXiv's API                       bytes in, records out
    oai        records of OAI-PMH files
    jsonlines  lines of arXiv's public snapshot
    datacite   the answers of DataCite's REST API, and the client that asks for them
    transport  one connection, paced, retried, bounded, checked
    client     arXiv's API through the `arxiv` package
    cache      what was fetched, in SQLite, apart from every graph
    snapshot   bulk files at the speed of the disk
    gather     all of it together: cache, then network, batch by batch

Nothing here knows RDF. `client`, `datacite` and `gather` import `requests`, which is slow: import them
where they are used.
"""
