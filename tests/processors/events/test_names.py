from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkreach.events.columns import PHOTON_EVENT_COLUMNS, PHOTON_TRUTH_COLUMNS
from darkreach.events.names import PROTECTED_NAMES, escape_name, unescape_name

ESCAPED = {
    "useCMSFrame(p)": "useCMSFrame__bop__bc",
    "daughter(0, mRecoil)": "daughter__bo0__cm__spmRecoil__bc",
    "formula(p / E)": "formula__bop__sp__sl__spE__bc",
    "nCleanedTracks(dr < 2 and abs(dz) < 4)": (
        "nCleanedTracks__bodr__sp__st__sp2__spand__spabs__bodz__bc__sp__st__sp4__bc"
    ),
    "totalEnergyOfParticlesInList(gamma:good)": "totalEnergyOfParticlesInList__bogamma__clgood__bc",
}


@pytest.mark.parametrize(("variable", "branch"), ESCAPED.items())
def test_branches_of_basf2_ntuples(variable: str, branch: str) -> None:
    assert escape_name(variable) == branch
    assert unescape_name(branch) == variable


@pytest.mark.parametrize("name", sorted(PROTECTED_NAMES))
def test_index_columns_are_never_changed(name: str) -> None:
    assert escape_name(name) == name
    assert unescape_name(name) == name


def test_our_own_columns_need_no_escaping() -> None:
    for column in (*PHOTON_EVENT_COLUMNS, *PHOTON_TRUTH_COLUMNS):
        assert escape_name(column.name) == column.name == unescape_name(column.name)


def test_characters_without_a_code_are_removed() -> None:
    assert escape_name("mass€") == "mass"


@given(st.text(alphabet="abzE019_ ,:=<>.+-(){}[]^*/'\"~|&@", max_size=30).filter(lambda name: "__" not in name))
def test_names_without_double_underscores_survive(name: str) -> None:
    escaped = escape_name(name)
    assert all(character.isalnum() or character == "_" for character in escaped)
    assert unescape_name(escaped) == name
