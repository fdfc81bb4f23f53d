r"""TeX in titles, abstracts and names made readable; mathematics stays as it is.

arXiv asks authors to write accents as TeX does (https://info.arxiv.org/help/prep.html); the API answers with
most of them resolved, the snapshot and OAI-PMH with none.
"""

import re
import unicodedata

__all__ = ["tidy"]

# A backslash and a sign, or a letter, before the letter that carries the accent -> combining character.
_SIGNS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
}
_LETTERS = {
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "d": "\u0323",
    "b": "\u0331",
    "k": "\u0328",
    "r": "\u030a",
    "t": "\u0361",
}
_SYMBOLS = {
    "ss": "ß", "l": "ł", "L": "Ł", "o": "ø", "O": "Ø", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ",
    "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ",
    "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ", "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "dots": "…",
    "ldots": "…", "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "textasciitilde": "~", "textbackslash": "\\", "textregistered": "®",
    "texttrademark": "™", "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX", "newline": " ", "quad": " ",
    "qquad": " ", "par": " ", "noindent": "", "textless": "<", "textgreater": ">", "textunderscore": "_",
    "textbar": "|", "texttimes": "×",
}  # fmt: skip
_WRAPPERS = (
    "textit|textbf|textsc|textrm|textsf|texttt|textup|textsl|text|emph|mbox|underline|uline|footnotesize|url|href"
)
_MATH = re.compile(r"(?<!\\)(\$\$[^$]+\$\$|\$[^$]+\$|\\\(.+?\\\)|\\\[.+?\\\])", re.DOTALL)
_BASE = r"(?:\{\s*(\\[ij]|[^\W\d_])\s*\}|(\\[ij])(?![A-Za-z])\s?|([^\W\d_]))"
_SIGN_ACCENT = re.compile(r"\\(['`^\"~=.])\s*" + _BASE)
# `\c c` needs a blank or a brace after the letter: `\cite` is no cedilla.
_LETTER_ACCENT = re.compile(r"\\([uvHcdbkrt])(?:\s+|(?=\{|\\[ij]\b))" + _BASE)
_WRAPPED = re.compile(rf"\\(?:{_WRAPPERS})\s*\{{([^{{}}]*)\}}")
_SWITCH = re.compile(r"\\(?:em|it|bf|sc|rm|sf|tt|sl|bfseries|itshape|scshape|normalfont|sloppy)(?![A-Za-z])\s*")
_SYMBOL = re.compile(r"\\([A-Za-z]+)(?:\{\}|\s+|(?![A-Za-z]))")
_ESCAPED = re.compile(r"\\([&%$#_{}])")
_SPACES = re.compile(r"\\[,;:!/ ]|\\\\(?=\s|$)")
_TIE = re.compile(r"(?<=[^\s/~])~(?=[^\s~])")
_PROTECTED = {"{": "\ue000", "}": "\ue001", "$": "\ue002"}
_RESTORED = str.maketrans({shield: sign for sign, shield in _PROTECTED.items()})


def tidy(text: str) -> str:
    r"""Give `text` on one line, accents and quotes as characters, markup removed.

    What stands between dollars (or `\(` and `\)`) is kept as written, but for its line breaks. Never fails:
    what is not understood stays as it is.
    """
    if "\\" not in text and "{" not in text and "`" not in text and "~" not in text and "--" not in text:
        return " ".join(text.split())
    parts = _MATH.split(text)
    parts[::2] = [_prose(part) for part in parts[::2]]
    return " ".join("".join(parts).split())


def _prose(text: str) -> str:
    text = _ESCAPED.sub(lambda match: _PROTECTED.get(match[1], match[1]), text)
    text = _SIGN_ACCENT.sub(lambda match: _accented(match, _SIGNS), text)
    text = _LETTER_ACCENT.sub(lambda match: _accented(match, _LETTERS), text)
    for _ in range(4):  # nested as people nest them; more is not worth a parser
        text, changed = _WRAPPED.subn(r"\1", text)
        if not changed:
            break
    text = _SWITCH.sub("", text)
    text = _SYMBOL.sub(_symbol, text)
    text = _SPACES.sub(" ", text)
    text = _TIE.sub(" ", text)
    text = text.replace("``", "“").replace("''", "”").replace("---", "—").replace("--", "–")
    return text.replace("{", "").replace("}", "").translate(_RESTORED)


def _accented(match: re.Match[str], marks: dict[str, str]) -> str:
    base = match[2] or match[3] or match[4]
    letter = {"\\i": "i", "\\j": "j"}.get(base, base)
    return unicodedata.normalize("NFC", letter + marks[match[1]])


def _symbol(match: re.Match[str]) -> str:
    return _SYMBOLS.get(match[1], match[0])
