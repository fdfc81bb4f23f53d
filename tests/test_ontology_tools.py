"""The ontologies as tools of others see them: Raptor and Jena read them, ROBOT finds them in profile and sound."""

from pathlib import Path

import pytest

from tests.running import ROOT, Tool

pytestmark = pytest.mark.external

_FILES = sorted(ROOT.glob("ontology/*.ttl"))


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_raptor_reads_it(rapper: Tool, path: Path) -> None:
    """Raptor reads the file without an error or a warning."""
    told = rapper("--input", "turtle", "--count", path, "https://example.org/")
    assert "Warning" not in told.err
    assert "Error" not in told.err


@pytest.mark.parametrize("path", [*_FILES, ROOT / "ontology" / "context.jsonld"], ids=lambda path: path.name)
def test_jena_reads_it(riot: Tool, path: Path) -> None:
    """Jena validates the file without an error or a warning."""
    told = riot("--validate", path)
    assert "WARN" not in told.out + told.err
    assert "ERROR" not in told.out + told.err


@pytest.mark.parametrize("profile", ["DL", "RL"])
def test_the_ontology_is_in_the_profile(robot: Tool, tmp_path: Path, profile: str) -> None:
    """The ontology stays inside OWL 2 DL and OWL 2 RL."""
    report = tmp_path / "report.txt"
    robot("validate-profile", "--profile", profile, "--input", ROOT / "ontology" / "fm.ttl", "--output", report)
    assert f"OWL 2 {profile} Profile Report: [Ontology and imports closure in profile]" in report.read_text("utf-8")


def test_all_ontologies_together_are_sound(robot: Tool, tmp_path: Path) -> None:
    """HermiT finds the ontologies consistent, no class without possible members, and no two classes that are one."""
    inputs = [argument for path in _FILES for argument in ("--input", path)]
    merged = tmp_path / "merged.owl"
    robot("merge", *inputs, "--output", merged)
    rules = ["--reasoner", "HermiT", "--equivalent-classes-allowed", "asserted-only"]
    robot("reason", *rules, "--input", merged, "--output", tmp_path / "reasoned.owl")
