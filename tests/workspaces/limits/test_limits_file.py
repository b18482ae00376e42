"""limits.json: what is written is read back, and nothing else is accepted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from darkreach.errors import InputFileError, UnknownNameError
from darkreach.limits import Limit, LimitQuality, LimitsDocument, limits_as_json_list, read_limits, write_limits

GOOD = Limit(
    "m1",
    {"mass_gev": 1.0, "model": "axion"},
    0.95,
    "asymptotic",
    "pyhf",
    1.5,
    (0.5, 0.7, 1.0, 1.4, 1.9),
    quality=LimitQuality(0.05, (0.05,) * 5, ("rate",), 24, "upper bound widened"),
)
FAILED = Limit("m2", {"mass_gev": 2.0}, 0.95, "asymptotic", "pyhf", None, (), "failed", "no minimum")


@pytest.fixture
def document() -> LimitsDocument:
    return LimitsDocument(
        search="axion_to_photons",
        poi="mu",
        parameters=("mass_gev",),
        luminosity_inverse_fb=0.445,
        mu_one="cross-section at g_agg = 0.001 GeV^-1",
        workspace_digests={"BkgOnly.json": "ab", "patchset.json": "cd"},
        meanings={"m1": {"cross_section_fb": 118.4, "coupling": 1e-3}, "m2": {}},
        limits=(GOOD, FAILED, replace(GOOD, cl=0.90)),
        record={"darkreach": "0.1.0"},
    )


def test_what_is_written_is_read_back(tmp_path, document) -> None:
    assert read_limits(write_limits(tmp_path / "limits.json", document)) == document


def test_the_same_content_gives_the_same_bytes(tmp_path, document) -> None:
    first = write_limits(tmp_path / "first.json", document).read_bytes()
    again = write_limits(tmp_path / "again.json", read_limits(tmp_path / "first.json")).read_bytes()
    assert first == again


def test_limits_at_one_level(document) -> None:
    assert [limit.name for limit in document.at(0.95)] == ["m1", "m2"]
    assert document.at(0.99) == ()


def test_a_failed_limit_has_null_numbers_and_a_reason() -> None:
    good, failed = limits_as_json_list([GOOD, FAILED])
    assert failed["observed"] is None
    assert failed["expected"] == [None] * 5
    assert (failed["status"], failed["reason"]) == ("failed", "no minimum")
    assert list(good)[:7] == ["name", "values", "cl", "method", "engine", "observed", "expected"]
    assert good["quality"]["evaluations"] == 24


def test_nan_is_not_written(tmp_path, document) -> None:
    broken = replace(document, limits=(replace(GOOD, observed=float("nan")),))
    with pytest.raises(ValueError, match="JSON compliant"):
        write_limits(tmp_path / "limits.json", broken)
    assert list(tmp_path.iterdir()) == []


def edited(tmp_path, document, edit):
    path = write_limits(tmp_path / "limits.json", document)
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c.update(format="darkreach-limits-0"), "known format"),
        (lambda c: c.pop("mu_one"), "missing"),
        (lambda c: c.update(limits={}), "not a JSON list"),
        (lambda c: c.update(meanings=[]), "not a JSON dict"),
        (lambda c: c["limits"].append(c["limits"][0]), "two limits"),
        (lambda c: c["limits"][0].pop("cl"), "missing"),
        (lambda c: c["limits"][0].update(expected=[1.0]), "not a limit"),
        (lambda c: c["limits"][0].update(observed=None), "not a limit"),
        (lambda c: c["limits"][0].update(observed=float("nan")), "not a limit"),
        (lambda c: c["limits"].append(3), "not a JSON object"),
    ],
)
def test_other_content_is_refused(tmp_path, document, edit, message) -> None:
    with pytest.raises(InputFileError, match=message):
        read_limits(edited(tmp_path, document, edit))


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda c: c.update(luminosity=1.0), "luminosity_inverse_fb"),
        (lambda c: c["limits"][0].update(obs=1.0), "obs"),
        (lambda c: c["limits"][0]["quality"].update(notes=""), "note"),
        (lambda c: c["limits"][0].update(status="fine"), "fine"),
    ],
)
def test_unknown_names_are_refused_with_the_closest_known_one(tmp_path, document, edit, match) -> None:
    with pytest.raises(UnknownNameError) as caught:
        read_limits(edited(tmp_path, document, edit))
    assert match in str(caught.value)


def test_files_of_another_kind_are_refused(tmp_path) -> None:
    with pytest.raises(InputFileError, match="no limits file"):
        read_limits(tmp_path / "none.json")
    for text in ("", "[]", "3", "not json"):
        (tmp_path / "other.json").write_text(text)
        with pytest.raises(InputFileError):
            read_limits(tmp_path / "other.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputFileError):
        read_limits(tmp_path / "binary.json")
