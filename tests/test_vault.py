"""Which files of a folder are notes, how their bytes become text, and where links lead."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import VaultError
from kg.vault import LinkIndex, Resolution, decode, meant, name_key, scan
from tests.random_notes import UNHURRIED


def _make(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x", "utf-8")


def _found(root: Path, *exclude: str) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    found = scan(root, exclude)
    return [note.path for note in found.notes], found.attachments, [(d.path, d.code) for d in found.diagnostics]


def test_notes_and_attachments(tmp_path: Path) -> None:
    """Files that end in `.md`, in any case, are notes; all others are attachments; both are sorted by path."""
    _make(tmp_path, "b.md", "a/c.MD", "a/b.md", "a.md", "x.png", "a/y", "a/z.md.txt")
    assert _found(tmp_path) == (["a.md", "a/b.md", "a/c.MD", "b.md"], ["a/y", "a/z.md.txt", "x.png"], [])


def test_hidden_and_foreign_folders_are_skipped(tmp_path: Path) -> None:
    """Hidden files and folders and `node_modules` are no part of a vault."""
    _make(tmp_path, ".obsidian/a.md", ".trash/b.md", "node_modules/c.md", "d/node_modules/e.md", "d/.f.md", "g.md")
    assert _found(tmp_path)[:2] == (["g.md"], [])


def test_gitignore(tmp_path: Path) -> None:
    """`.gitignore` files hold in their folders; an inner one decides before an outer one."""
    _make(
        tmp_path,
        "a.md",
        "b.tmp.md",
        "keep.tmp.md",
        "c/d.md",
        "c/e.md",
        "c/b.tmp.md",
        "out/f.md",
        "g/out/h.md",
        "g/i.md",
    )
    (tmp_path / ".gitignore").write_text("\ufeff*.tmp.md\r\n!keep.tmp.md\n/out/\n!\nc/e.md\n", "utf-8")
    (tmp_path / "c/.gitignore").write_text("!b.tmp.md\nd.md\n", "utf-8")
    (tmp_path / "out/.gitignore").write_text("!f.md\n", "utf-8")
    assert _found(tmp_path)[0] == ["a.md", "c/b.tmp.md", "g/i.md", "g/out/h.md", "keep.tmp.md"]


def test_excludes(tmp_path: Path) -> None:
    """What the configuration excludes no `.gitignore` brings back."""
    _make(tmp_path, "a.md", "drafts/b.md", "c/drafts/d.md", "c/e.md", "f.png")
    (tmp_path / ".gitignore").write_text("!drafts/\n", "utf-8")
    assert _found(tmp_path, "/drafts/", "*.png", "c/*", "!c/e.md")[:2] == (["a.md", "c/e.md"], [])


def test_links_of_the_file_system(tmp_path: Path) -> None:
    """A symbolic link is followed to a file of the vault, and never out of it, to folders or to what is hidden."""
    root = tmp_path / "vault"
    _make(tmp_path, "vault/a.md", "vault/sub/b.md", "vault/.hidden/c.md", "outside/d.md", "vault2/e.md")
    for name, target in {
        "copy.md": "a.md",
        "folder": "sub",
        "loop": ".",
        "sub/up": "..",
        "out": "../outside",
        "out.md": "../outside/d.md",
        "near.md": str(tmp_path / "vault2/e.md"),
        "hidden.md": ".hidden/c.md",
        "self.md": "self.md",
        "broken.md": "nothing.md",
    }.items():
        (root / name).symlink_to(target)
    assert _found(root) == (
        ["a.md", "copy.md", "sub/b.md"],
        [],
        [
            ("broken.md", "unreadable"),
            ("folder", "symlink-skipped"),
            ("hidden.md", "symlink-skipped"),
            ("loop", "symlink-skipped"),
            ("near.md", "symlink-outside"),
            ("out", "symlink-outside"),
            ("out.md", "symlink-outside"),
            ("self.md", "unreadable"),
            ("sub/up", "symlink-skipped"),
        ],
    )


def test_a_vault_behind_a_link(tmp_path: Path) -> None:
    """The folder of notes itself may be a symbolic link."""
    _make(tmp_path, "real/a.md", "real/b/c.md")
    (tmp_path / "vault").symlink_to("real")
    assert _found(tmp_path / "vault") == (["a.md", "b/c.md"], [], [])


def test_what_is_no_file(tmp_path: Path) -> None:
    """Pipes are passed over, also one that is called `.gitignore`."""
    _make(tmp_path, "a.md")
    os.mkfifo(tmp_path / "pipe.md")
    os.mkfifo(tmp_path / ".gitignore")
    assert _found(tmp_path) == (["a.md"], [], [])


def test_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be listed is a finding, and the rest is read; of the vault itself it is an error."""
    _make(tmp_path, "a.md", "b/c.md")
    list_folder = os.scandir

    def refuse(path: str | Path) -> Iterator[os.DirEntry[str]]:
        if str(path) in closed:
            raise PermissionError(13, "Permission denied")
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", refuse)
    closed = {str(tmp_path / "b")}
    assert _found(tmp_path) == (["a.md"], [], [("b", "folder-unreadable")])
    closed = {str(tmp_path)}
    with pytest.raises(VaultError, match=r": Permission denied$"):
        scan(tmp_path)


def test_odd_names(tmp_path: Path) -> None:
    """Names with line breaks, quotes or bytes that are no UTF-8 are listed as they are."""
    names = ["a\nb.md", '"c" \\ <d>.md', "é.md", "e\u0301.md", os.fsdecode(b"\xff\xfe.md"), " f .md"]
    _make(tmp_path, *names)
    assert _found(tmp_path)[0] == sorted(names)


@pytest.mark.parametrize("pattern", ["!", "a\\"])
def test_exclude_that_is_none(tmp_path: Path, pattern: str) -> None:
    """A pattern that cannot be read is an error in one line."""
    with pytest.raises(VaultError, match=r"^exclude: .*give patterns as in a \.gitignore file$"):
        scan(tmp_path, [pattern])


def test_no_folder(tmp_path: Path) -> None:
    """Without a folder there is no vault."""
    _make(tmp_path, "a.md")
    for path in (tmp_path / "none", tmp_path / "a.md"):
        with pytest.raises(VaultError, match=r": no such folder of notes; give the folder that holds your \.md files$"):
            scan(path)


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"", "", ""),
        ("é🚀".encode(), "é🚀", ""),
        ("\ufeffé".encode(), "é", ""),
        ("é🚀".encode("utf-16"), "é🚀", "UTF-16"),
        (b"\xfe\xff" + "é".encode("utf-16-be") + b"\0", "é\ufffd", "UTF-16"),
        ("é🚀".encode("utf-32"), "é🚀", "UTF-32"),
        ("“naïve” – 5 €".encode("cp1252"), "“naïve” – 5 €", "Windows-1252"),
        ("née ".encode() + b"na\xefve \x81", "née naïve \ufffd", "Windows-1252"),
    ],
)
def test_decode(data: bytes, text: str, encoding: str) -> None:
    """Notes are UTF-8; others are read by their byte order mark, or byte by byte as Windows-1252, and say so."""
    assert decode(data) == (text, encoding)


@UNHURRIED
@given(st.binary())
def test_any_bytes_are_text(data: bytes) -> None:
    """Any bytes can be decoded."""
    decode(data)


_VAULT = LinkIndex(
    [
        "AI/Deep learning/CNNs.md", "AI/Vision.md", "AI/Notes.md", "Physics/Notes.md", "Physics/Deep/Notes.md",
        "Vision.md", "Case.md", "case/case.MD", "Café.md", "Two  blanks.md", "v1.5.md", "Twin/a/X.md", "Twin/b/X.md",
    ],
    ["img/x.png", "Vision", "AI/x.pdf", "Physics/x.pdf", "other/x.pdf"],
    {"AI/Notes.md": ["Remarks", "CNNs"], "Physics/Notes.md": ["Thoughts "], "Vision.md": ["Thoughts"]},
)  # fmt: skip


@pytest.mark.parametrize(
    ("target", "source", "status", "path"),
    [
        ("AI/Deep learning/CNNs", "Vision.md", "resolved", "AI/Deep learning/CNNs.md"),
        ("ai/deep LEARNING/cnns.md", "Vision.md", "resolved", "AI/Deep learning/CNNs.md"),
        ("/AI/Notes", "Physics/Notes.md", "resolved", "AI/Notes.md"),
        ("CNNs", "Vision.md", "resolved", "AI/Deep learning/CNNs.md"),
        ("Deep learning/CNNs", "Physics/Notes.md", "resolved", "AI/Deep learning/CNNs.md"),
        ("learning/CNNs", "Vision.md", "missing", None),
        ("Vision", "AI/Notes.md", "resolved", "Vision.md"),
        ("Notes", "AI/Vision.md", "resolved", "AI/Notes.md"),
        ("Notes", "Physics/Deep/Other.md", "resolved", "Physics/Deep/Notes.md"),
        ("Notes", "Vision.md", "ambiguous", "AI/Notes.md"),
        ("Deep/Notes", "Physics/Notes.md", "resolved", "Physics/Deep/Notes.md"),
        ("X", "Vision.md", "ambiguous", "Twin/a/X.md"),
        ("X", "Twin/b/Y.md", "resolved", "Twin/b/X.md"),
        ("./CNNs", "AI/Deep learning/Z.md", "resolved", "AI/Deep learning/CNNs.md"),
        ("../Vision", "AI/Deep learning/CNNs.md", "resolved", "AI/Vision.md"),
        ("../AI/./Vision.md", "Physics/Notes.md", "resolved", "AI/Vision.md"),
        ("../../Vision", "AI/Vision.md", "missing", None),
        ("../CNNs", "AI/Vision.md", "missing", None),
        ("AI/../Vision", "Case.md", "resolved", "Vision.md"),
        ("case", "Vision.md", "resolved", "Case.md"),
        ("case/case", "Vision.md", "resolved", "case/case.MD"),
        ("CAFE\u0301", "Vision.md", "resolved", "Café.md"),
        ("two blanks", "Vision.md", "resolved", "Two  blanks.md"),
        ("v1.5", "Vision.md", "resolved", "v1.5.md"),
        ("v1", "Vision.md", "missing", None),
        ("Remarks", "Vision.md", "resolved", "AI/Notes.md"),
        ("Thoughts", "Vision.md", "resolved", "Vision.md"),
        ("Thoughts", "Case.md", "resolved", "Vision.md"),
        ("", "AI/Vision.md", "resolved", "AI/Vision.md"),
        ("/", "AI/Vision.md", "missing", None),
        ("x.png", "AI/Vision.md", "attachment", "img/x.png"),
        ("IMG/X.PNG", "AI/Vision.md", "attachment", "img/x.png"),
        ("x", "AI/Vision.md", "ambiguous", "Twin/a/X.md"),
        ("x.pdf", "AI/Vision.md", "attachment", "AI/x.pdf"),
        ("x.pdf", "Case.md", "ambiguous", "AI/x.pdf"),
        ("Unwritten", "AI/Vision.md", "missing", None),
        ("cnns.MD", "Vision.md", "resolved", "AI/Deep learning/CNNs.md"),
        ("Notes.md", "Vision.md", "ambiguous", "AI/Notes.md"),
        (" CNNs  ", "Vision.md", "resolved", "AI/Deep learning/CNNs.md"),
        ("Deep  learning/CNNs.md", "Vision.md", "resolved", "AI/Deep learning/CNNs.md"),
        ("./AI/Vision", "Case.md", "resolved", "AI/Vision.md"),
        ("./CNNs", "Vision.md", "missing", None),
    ],
)
def test_resolve(target: str, source: str, status: str, path: str | None) -> None:
    """A link leads to the exact path, else to the only or nearest file of that name, else to an alias."""
    found = _VAULT.resolve(target, source)
    assert (found.status, found.path) == (status, path)
    assert found.is_note == (path is not None and path.lower().endswith(".md"))


def test_a_note_wins_over_an_attachment() -> None:
    """Of a note and another file of one name the note is meant."""
    assert _VAULT.resolve("Vision", "Case.md") == Resolution("resolved", "Vision.md", True)


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("New.md", "New"),
        ("../new", "new"),
        ("./b/New", "A/b/New"),
        ("/New", "New"),
        ("../../New", "../New"),
        ("..new", "..new"),
        (" N  w ", "N w"),
    ],
)
def test_wanted(target: str, wanted: str) -> None:
    """What has no file is known by the path it would have."""
    assert meant(target, "A/Note.md") == wanted


_names = st.text("aAé\u0301./ -#", min_size=1, max_size=6)


@UNHURRIED
@given(st.lists(_names, max_size=6), _names, _names, st.data())
def test_any_target_resolves_alike(names: list[str], target: str, source: str, data: st.DataObject) -> None:
    """Any target resolves, to a file of the vault or to none, in whatever order the files are listed."""
    notes = sorted({f"{name.strip('/')}.md" for name in names})
    found = LinkIndex(notes).resolve(target, source)
    assert found.path is None or found.path in {*notes, source}
    shuffled = data.draw(st.permutations(notes))
    assert LinkIndex(shuffled).resolve(target, source) == found


@UNHURRIED
@given(st.text())
def test_name_keys(name: str) -> None:
    """The key of a name is its own key."""
    assert name_key(name_key(name)) == name_key(name)
