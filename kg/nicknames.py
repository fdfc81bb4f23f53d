"""The nickname that a title gives to what the work introduces, and whether the title says that this is a model.

`Florence: A New Foundation Model …`, `ViT - An Image is Worth …`, `…, GPT-3`, `Big Transfer (BiT): …`. A nickname
looks like a name: it has capitals or digits where words have none, or it is one word that stands alone in front. Pure.
"""

import re
from collections.abc import Callable

__all__ = ["says_model", "short_name"]

_FRONT = re.compile(r"(?P<name>[^:]{2,40}?)(?:\s*:(?!:)\s+|\s+[-–—]\s+|\.\s+(?=[A-Z]))(?P<rest>\S.*)", re.DOTALL)
_BACK = re.compile(r"(?P<rest>.+),\s+(?P<name>[^\s,]+(?:\s[\w.+-]+)?)\Z", re.DOTALL)
_BRACKETS = re.compile(r"(?<=\w )\((?P<name>[^\s()]{2,24})\)(?=$|[\s:,.])")
_NAME = re.compile(
    r"(?=.*[^\W\d_])(?=.*(?:\d|[^\W\d_].*[A-Z]))[\w][\w.+/-]*\Z"
)  # a letter, and a digit or inner capital
_WORD = re.compile(r"[A-Z][^\W\d_]{2,}\Z")
_ADDITION = re.compile(r"(?:v?\d[\w.]*|X?[LS]|IO|Nano|Mini|Large|Base|Pro|Ultra)\Z")
_HYPHENED_WORDS = re.compile(r"(?:[A-Z]?[a-z]{2,})(?:-[A-Za-z]?[a-z]+)+\Z")
# Words in front of a title that say what the work is, or what about, instead of naming something.
_NO_NAMES = frozenset(
    """abstract attention causality comment comments commentary correction discussion editorial erratum explainability
    foreword interview introduction keynote learning lecture letter meta-learning news note notes opinion outlook
    overview part perspective perspectives position preface progress proposal reply report response retraction review
    reviews seminar summary supplement survey surveys talk transformers tutorial tutorials update viewpoint vision
    workshop""".split()  # noqa: SIM905 -- a list of words is easier to read
)
_ABOUT_OTHERS = re.compile(
    r"\b(?:surveys?|reviews?|overview|tutorials?|introductions?|primer|roadmap|odyssey|guide|perspectives?|pitfalls)\b",
    re.IGNORECASE,
)
_PHRASE_END = re.compile(
    r"\s(?:of|for|with|in|from|to|that|which|using|via|by|on|at|under|towards?|through|as|and its"
    r"|fine-?tuned|pre-?trained|trained|based|built|capable|aligned|is|are|can)\b|[,:;.(–—]|\s-\s",
    re.IGNORECASE,
)
_MODEL_HEAD = re.compile(r"(?:models?|LLMs?|VLMs?|LMs?)\Z", re.IGNORECASE)
_FAMILY = re.compile(r"(?:an?|the|our)\s+(?:\w+\s+)?(?:family|series|suite|collection|herd|set)\s+of\s", re.IGNORECASE)
_REPORT = re.compile(r"\s(?:technical report|system card|model card)\Z", re.IGNORECASE)
_FILE = re.compile(r"\.(?:pdf|html?|md|txt)\Z", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"\b(?:benchmarks?|data ?sets?|corpus|corpora|librar(?:y|ies)|toolkits?|toolbox|frameworks?|packages?|platforms?"
    r"|suite|arena|evaluation|evaluating|leaderboard|challenge|survey|review|simulator|environments?|databases?)\b",
    re.IGNORECASE,
)
_DEED = re.compile(r"(?:towards?|how|why|what|when|can|do|does|is|are|on|beyond|(?!open)\w+ing)\b", re.IGNORECASE)


def short_name(title: str, is_model: Callable[[str], bool], is_concept: Callable[[str], bool]) -> str:
    """Return the nickname that a title holds, "" when it holds none.

    Args:
        title: the title of a work, without authors and year.
        is_model: tells whether a vocabulary knows a model of that name.
        is_concept: tells whether a word or an acronym is what a vocabulary calls a concept.

    """
    title = _REPORT.sub("", " ".join(title.split()))
    if is_model(title) or (_NAME.match(title) and title[0].isalpha() and not _HYPHENED_WORDS.match(title)):
        return title if not _FILE.search(title) else ""
    front = _FRONT.match(title)
    if front is not None and _is_front_name(front["name"], front["rest"], is_model, is_concept):
        return front["name"]
    brackets = _BRACKETS.search(title)
    if (
        brackets is not None
        and _NAME.match(brackets["name"])
        and _abbreviates(brackets["name"], title, brackets.start())
        and not _ABOUT_OTHERS.search(title, brackets.end())
    ):
        return brackets["name"]
    back = _BACK.match(title)
    if back is not None and (is_model(back["name"]) or _NAME.match(back["name"])):
        return back["name"]
    return ""


def _is_front_name(name: str, rest: str, is_model: Callable[[str], bool], is_concept: Callable[[str], bool]) -> bool:
    if is_model(name):
        return True
    first, *more = name.split()
    if more and not all(map(_ADDITION.match, more)):
        return False
    if _NAME.match(first):
        return not _HYPHENED_WORDS.match(first) and not (is_concept(name) and _ABOUT_OTHERS.search(rest))
    return (
        _WORD.match(first) is not None
        and first.casefold() not in _NO_NAMES
        and not is_concept(first)
        and not _ABOUT_OTHERS.search(rest)
    )


def _abbreviates(name: str, title: str, place: int) -> bool:
    """Whether the capitals of a name begin words right before it, in their order; `(R-CNN)` for `Regional CNN`."""
    before = re.findall(r"[^\W_]+", title[:place])[-8:]
    if not before:
        return False
    letters = [letter for letter in name if letter.isupper()]
    initials = "".join(before).upper()
    found = 0
    for letter in letters:
        found = initials.find(letter, found) + 1
        if not found:
            return False
    return any(word[0].upper() == name[0].upper() for word in before)


def says_model(title: str, name: str) -> bool:
    """Tell whether a title says that what it nicknames is a model, not a benchmark, data set, library or method."""
    title = " ".join(title.split())
    if not title.startswith(name):
        return False
    rest = title[len(name) :].lstrip(" :.-–—")
    family = _FAMILY.match(rest)
    if family is not None:
        rest = rest[family.end() :]
    end = _PHRASE_END.search(rest)
    phrase = (rest[: end.start()] if end is not None else rest).strip()
    return _MODEL_HEAD.search(phrase) is not None and _DEED.match(phrase) is None and _NO_MODEL.search(phrase) is None
