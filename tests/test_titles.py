"""Titles freed of what browsers add to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.titles import clean_title

ARXIV = "https://arxiv.org/abs/2006.11239"
PAGE = "https://example.org/notes/diffusion"
_TEXTS = st.lists(
    st.one_of(
        st.text(max_size=40), st.sampled_from(["(Ho 2020)", " (", ")", "[", "](", " | ", " - ", "et al.", "2020", "（"])
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("label", "url", "title"),
    [
        ("Denoising", PAGE, "Denoising"),
        ("  Denoising   Diffusion ", PAGE, "Denoising Diffusion"),
        ("Noise &amp; Data", PAGE, "Noise & Data"),
        ("[2006.11239] Denoising", ARXIV, "Denoising"),
        ("[2006.11239v2] Denoising (arxiv.org)", ARXIV, "Denoising"),
        ("[hep-th/9901001] Strings", ARXIV, "Strings"),
        ("arXiv:2006.11239 Denoising", ARXIV, "Denoising"),
        ("2006.11239 - Denoising", ARXIV, "Denoising"),
        ("Denoising (arXiv:2006.11239)", ARXIV, "Denoising"),
        ("Denoising [PDF]", ARXIV, "Denoising"),
        ("[PDF] Denoising | Semantic Scholar", "https://www.semanticscholar.org/paper/x/1", "Denoising"),
        ("acme/ddpm: Sampler in JAX. (github.com)", "https://github.com/acme/ddpm", "acme/ddpm: Sampler in JAX."),
        ("GitHub - acme/ddpm: Sampler", "https://github.com/acme/ddpm", "GitHub - acme/ddpm: Sampler"),
        ("ddpm/a.py at main · acme/ddpm · GitHub", "https://github.com/acme/ddpm/a", "ddpm/a.py at main · acme/ddpm"),
        ("acme/unet-small · Hugging Face", "https://huggingface.co/acme/unet-small", "acme/unet-small"),
        ("Noise | SpringerLink", "https://link.springer.com/article/10.1007/1", "Noise"),
        ("Noise | Nature Physics", "https://www.nature.com/articles/s1", "Noise"),
        ("Noise | Communications Biology", "https://www.nature.com/articles/s2", "Noise"),
        ("Noise | Journal of Applied Noise | Oxford Academic (oup.com)", "https://academic.oup.com/jan/1", "Noise"),
        ("Noise | IEEE Conference Publication | IEEE Xplore", "https://ieeexplore.ieee.org/document/1", "Noise"),
        ("Noise - ScienceDirect", "https://www.sciencedirect.com/science/article/pii/S1", "Noise"),
        ("Noise | Proceedings of the 9th Meeting on Noise", "https://dl.acm.org/doi/10.1145/1", "Noise"),
        ("Noise by A. Doe, B. Roe :: SSRN", "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=1", "Noise"),
        ("Noise | by Jane Doe | Jan, 2024 | Towards AI", "https://pub.towardsai.net/noise-1", "Noise"),
        ("Noise | by Jane Doe | TDS", "https://towardsdatascience.com/noise-1", "Noise"),
        ("Noise | Noise Weekly", "https://medium.com/noise-weekly/noise-1", "Noise"),
        ("Noise - by Jane Doe - The Noisy Letter", "https://noisy.substack.com/p/noise", "Noise"),
        ("How noise works - YouTube", "https://www.youtube.com/watch?v=abcdefghijk", "How noise works"),
        ("Noise — Wikipedia, la enciclopedia libre", "https://es.wikipedia.org/wiki/Ruido", "Noise"),
        ("Why noise? - Stack Overflow", "https://stackoverflow.com/questions/1", "Why noise?"),
        ("Noise — numnoise 1.2.0 documentation", "https://numnoise.readthedocs.io/en/latest/a.html", "Noise"),
        ("Noise | 🎲 NumNoise", "https://docs.numnoise.io/a", "Noise"),
        ("Noise | Acme Kit (acme.github.io)", "https://acme.github.io/kit/noise/", "Noise"),
        ("Noise | Kit (acme.github.io)", "https://acme.github.io/kit/noise/", "Noise"),
        ("Noise - Acme Fabric | Acme Learn", "https://learn.acme.com/en/fabric/noise", "Noise"),
        ("Noise | Jane Doe", "https://janedoe.netlify.app/noise/", "Noise"),
        ("Kit | Kit", PAGE, "Kit"),
        ("Noise (acme.org)", "https://docs.acme.org/noise", "Noise"),
        # titles with bars, dashes and parentheses of their own
        ("Noise | Blur | Grain", PAGE, "Noise | Blur | Grain"),
        ("Noise - The Sequel", PAGE, "Noise - The Sequel"),
        ("Kit - Kitchen tools for data", "https://github.com/acme/kit", "Kit - Kitchen tools for data"),
        ("Talks on noise | Lecture Series 2020", "https://www.youtube.com/playlist?list=1", None),
        ("Noise - Kaggle competition", "https://www.kaggle.com/c/noise", "Noise - Kaggle competition"),
        ("Denoising autoencoders (DAE)", PAGE, "Denoising autoencoders (DAE)"),
        ("Samplers in llama.cpp (node.js)", PAGE, "Samplers in llama.cpp (node.js)"),
        ("1984 - a novel", PAGE, "1984 - a novel"),
        # nothing but an address
        (PAGE, PAGE, ""),
        ("www.example.org/notes", PAGE, ""),
        ("github.com/acme/ddpm", "https://github.com/acme/ddpm", ""),
        ("2006.11239", ARXIV, ""),
        ("", PAGE, ""),
    ],
)
def test_title_is_cleaned(label: str, url: str, title: str | None) -> None:
    """Numbers in front and names of the site behind go; what the author of the title wrote stays."""
    assert clean_title(label, url) == (label if title is None else title)


@given(_TEXTS, st.one_of(_TEXTS, st.just(ARXIV), st.just("https://example.org/a/b/")))
def test_any_label_is_cleaned(label: str, url: str) -> None:
    """Cleaning a cleaned title leaves it as it is, and never leaves blanks at its ends."""
    title = clean_title(label, url)
    assert title == title.strip()
