"""How alike two titles are, where people shorten them, add a nickname or leave out what a search does not need.

Pure text.
"""

from difflib import SequenceMatcher
from functools import lru_cache

from kg.enrichment.names import fold

__all__ = ["likeness", "title_words"]

_SMALL = frozenset({"a", "an", "the", "of", "for", "in", "on", "and", "to", "with", "by", "from", "via", "is", "are"})


@lru_cache(maxsize=4096)
def title_words(title: str) -> tuple[str, ...]:
    """Give the words of a title, folded, without punctuation and TeX's signs."""
    text = "".join(c if c.isalnum() else " " for c in fold(title).replace("'", "").replace("’", ""))
    return tuple(text.split())


def likeness(one: str, other: str) -> float:
    """Measure how alike two titles are, from 0 to 1.

    1 is equal but for case, accents and punctuation; at least 0.95 is one title with a part left out at its beginning
    or end, such as a nickname or a subtitle. Below that it is the larger of two shares: of letters that stand in the
    same order (Ratcliff and Obershelp), and of words that both have, the small ones aside.
    """
    ours, theirs = title_words(one), title_words(other)
    if not ours or not theirs:
        return 0.0
    left, right = "".join(ours), "".join(theirs)
    if left == right:
        return 1.0
    shorter, longer = sorted((ours, theirs), key=len)
    if _is_part(shorter, longer):
        return 0.95
    letters = SequenceMatcher(None, left, right, autojunk=False).ratio() if len(left) + len(right) < 1000 else 0.0
    mine, yours = set(ours) - _SMALL, set(theirs) - _SMALL
    shared = 2 * len(mine & yours) / (len(mine) + len(yours)) if mine and yours else 0.0
    return min(max(letters, shared), 0.94)


def _is_part(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Tell whether one title begins or ends with the other, and that is no single common word."""
    inner, outer = "".join(shorter), "".join(longer)
    if len(set(shorter) - _SMALL) < 2 and len(inner) < 6:
        return False
    return outer.startswith(inner) or outer.endswith(inner)
