"""Manners that need no server: pace, patience and names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.enrichment.transport import ARXIV_DELAY, FaultError, Manners, user_agent
from kg.errors import NetworkError


@pytest.mark.parametrize(
    ("url", "delay"),
    [
        ("https://export.arxiv.org/api/query", ARXIV_DELAY),
        ("https://arxiv.org/api/query", ARXIV_DELAY),
        ("http://EXPORT.ARXIV.ORG.:80/api", ARXIV_DELAY),
        ("https://notarxiv.org/api", 0.5),
        ("https://arxiv.org.example/api", 0.5),
        ("http://127.0.0.1:8000/api", 0.5),
    ],
)
def test_arxivs_own_hosts_are_never_hurried(url: str, delay: float) -> None:
    """A shorter delay holds for other hosts only."""
    assert Manners(delay=0.5).delay_for(url) == delay
    assert Manners(delay=10.0).delay_for(url) == 10.0


@pytest.mark.parametrize(
    ("contact", "end"),
    [
        ("", ""),
        ("me@example.org", " (mailto:me@example.org)"),
        ("mailto:me@example.org", " (mailto:me@example.org)"),
        ("https://example.org/~me", " (https://example.org/~me)"),
        ("me@example.org\r\nX-Other: 1", " (me@example.orgX-Other: 1)"),
    ],
)
def test_the_user_agent_names_program_and_contact(contact: str, end: str) -> None:
    """The contact is written as an address, and cannot add a header."""
    agent = user_agent(contact)
    assert agent.startswith("fm-kg/")
    assert agent.partition(" ")[0] + end == agent


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_contact_makes_a_header(contact: str) -> None:
    """No contact breaks the header, whatever the user wrote into the configuration."""
    agent = user_agent(contact)
    assert agent.isascii()
    assert agent.isprintable()


def test_faults_are_errors_of_the_package() -> None:
    """Whoever catches network errors catches these."""
    assert issubclass(FaultError, NetworkError)
