"""What a title nicknames, and what a work introduces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import data
from kg.catalogue import Catalogue, Introduction
from kg.lexicon import Label, Lexicon, ModelFact
from kg.nicknames import says_model, short_name
from kg.vocabulary import read

MODELS = "https://w3id.org/fm-kg/models#"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What ships with the package."""
    return Catalogue(read([data.models()]))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Florence: A New Foundation Model for Computer Vision", "Florence"),
        ("InstructGPT - Training language models to follow instructions", "InstructGPT"),
        ("ViT – An Image is Worth 16x16 Words", "ViT"),
        ("Language Models are Few-Shot Learners, GPT-3", "GPT-3"),
        ("Improving Language Understanding by Generative Pre-Training, GPT", "GPT"),
        ("Region proposals with CNN features (R-CNN)", "R-CNN"),
        ("Big Transfer (BiT): General Visual Representation Learning", "BiT"),
        ("GPT-4 Technical Report", "GPT-4"),
        ("TimeGPT-1", "TimeGPT-1"),
        ("Unpaired translation of photographs, pix2pix", "pix2pix"),
        ("StarGAN v2: Diverse Image Synthesis", "StarGAN v2"),
        ("wav2vec 2.0: A Framework for Speech", "wav2vec 2.0"),
        ("YOLO. You Only Look Once", "YOLO"),
        ("Perceiver IO: A General Architecture", "Perceiver IO"),
        ("Dropout: A Simple Way to Prevent Overfitting", "Dropout"),
        ("N-BEATS: Neural basis expansion analysis", "N-BEATS"),
        ("A Generalist Agent", ""),
        ("Deep learning: A review", ""),
        ("Neuro-Symbolic AI: An Emerging Class", ""),
        ("Image-to-Image Translation: Methods and Applications", ""),
        ("Transformers: where next", ""),
        ("GANs: a survey", ""),
        ("Causality: Models, Reasoning, and Inference", ""),
        ("How models can be (Mis)Used in practice", ""),
        ("Grids, Groups, Graphs, Geodesics, and Gauges", ""),
        ("A survey of everything (ASE): An Overview", ""),
        ("Semi-supervised learning in practice, review", ""),
        ("2002.05897.pdf", ""),
        ("notes-2.pdf", ""),
        ("", ""),
    ],
)
def test_nickname_of_a_title(catalogue: Catalogue, title: str, expected: str) -> None:
    """A nickname looks like a name, in front, behind the last comma or in brackets; a topic is none."""
    assert expected == catalogue.introduced("https://example.org/", title, 0).short_name


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Zebra: A Striped Language Model for Savannas", True),
        ("Zebra: Open and Efficient Foundation Language Models", True),
        ("Zebra: A Family of Open Time-series Foundation Models", True),
        ("Zebra: a multilingual LLM towards everybody", True),
        ("Zebra: A Benchmark for Language Models", False),
        ("Zebra: A Large Data Set to Train Foundation Models", False),
        ("Zebra: A Library for Diffusion Models", False),
        ("Zebra: A Toolkit of Models", False),
        ("Zebra: Low-Rank Adaptation of Large Language Models", False),
        ("Zebra: Evaluating Language Models", False),
        ("Zebra: Towards Better Models", False),
        ("Zebra: How Models", False),
        ("Zebra: An Open Evaluation Platform for Generative Models", False),
        ("Zebra: Faster Attention", False),
    ],
)
def test_a_title_says_model(title: str, expected: bool) -> None:
    """A title says that its nickname is a model when the phrase behind it is about a model, not a tool."""
    assert expected == says_model(title, "Zebra")


def test_paper_of_the_vocabulary_introduces_its_model(catalogue: Catalogue) -> None:
    """A work that the vocabulary names as the source of a model introduces it, whatever its title."""
    found = catalogue.introduced("https://arxiv.org/abs/2205.06175", "A Generalist Agent", 2022)
    assert Introduction("", (f"{MODELS}Gato",)) == found


def test_known_nickname_introduces(catalogue: Catalogue) -> None:
    """A nickname that the vocabulary knows is introduced by a work of the same year, at whatever address."""
    found = catalogue.introduced("https://example.org/whisper.pdf", "Whisper - Robust Speech Recognition", 2022)
    assert Introduction("Whisper", (f"{MODELS}Whisper",)) == found


def test_later_work_about_a_model_does_not_introduce_it(catalogue: Catalogue) -> None:
    """A title that begins with the name of an older model is about it."""
    found = catalogue.introduced("https://arxiv.org/abs/2302.10724", "ChatGPT: Jack of all trades", 2023)
    assert Introduction() == found


def test_new_model(catalogue: Catalogue) -> None:
    """A model that no vocabulary knows is introduced when the title says that it is one."""
    assert Introduction("Zebra", (), True) == catalogue.introduced(
        "https://example.org/z", "Zebra: A Language Model", 0
    )
    assert Introduction("Zebra", (), False) == catalogue.introduced("https://example.org/z", "Zebra: A Benchmark", 0)


def test_case_of_labels_counts() -> None:
    """A nickname is a model's when its case is that of the label, where the vocabulary asks for it."""
    lexicon = Lexicon((Label("SAM", "sam", "Model", exact=True),), (ModelFact("sam", 2023, ()),))
    assert Catalogue(lexicon).introduced("x", "SAM: Segment Things", 2023).models == ("sam",)
    assert Catalogue(lexicon).introduced("x", "Sam: A Life", 2023).models == ()


@given(st.text("Aa2 :,-()–.", max_size=40))
def test_any_title(title: str) -> None:
    """Whatever a title is, its nickname is a part of it."""
    name = short_name(title, lambda _: False, lambda _: False)
    assert name in " ".join(title.split())
