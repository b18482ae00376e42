"""The searches by kind: the one table to extend when a kind of search is added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import awkward as ak

from darkreach.configuration import AxionConfig, DetectorConfig, SearchConfig, read_chosen_config
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.configuration.kaon_recoil import KaonRecoilConfig
from darkreach.configuration.muon_pair_plane import MuonPairPlaneConfig
from darkreach.configuration.single_photon import SinglePhotonConfig
from darkreach.configuration.six_tracks import SixTracksConfig
from darkreach.configuration.two_leptons import TwoLeptonsConfig
from darkreach.errors import ConfigError, unknown_name
from darkreach.searches.axion_to_photons import AxionToPhotons
from darkreach.searches.displaced_pairs import DisplacedPairs
from darkreach.searches.kaon_recoil import KaonRecoil
from darkreach.searches.muon_pair_plane import MuonPairPlane
from darkreach.searches.single_photon import SinglePhoton
from darkreach.searches.six_tracks import SixTracks
from darkreach.searches.two_leptons import TwoLeptons


class SearchProcessor(Protocol):
    """What fills the histograms of a search: a coffea processor that says what it reads and what decides its output."""

    config: Any
    detector: DetectorConfig

    def required_columns(self, kind: str) -> tuple[str, ...]:
        """Return the ntuple columns read for a sample of this kind."""

    def identity(self) -> dict[str, Any]:
        """Return the JSON-like content that decides the output besides the events and the code."""

    def process(self, events: ak.Array) -> dict[str, Any]:
        """Fill one chunk."""

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Return the final output."""


@dataclass(frozen=True)
class SearchKind:
    """A kind of search: searches of one kind differ by configuration only.

    Attributes:
        config: model of its configurations.
        processor: makes the processor of a configuration and a detector.
    """

    config: type[SearchConfig]
    processor: Callable[[Any, DetectorConfig], SearchProcessor]


SEARCHES: Final[dict[str, SearchKind]] = {
    "axion_to_photons": SearchKind(AxionConfig, AxionToPhotons),
    "displaced_pairs": SearchKind(DisplacedSearchConfig, DisplacedPairs),
    "kaon_recoil": SearchKind(KaonRecoilConfig, KaonRecoil),
    "muon_pair_plane": SearchKind(MuonPairPlaneConfig, MuonPairPlane),
    "single_photon": SearchKind(SinglePhotonConfig, SinglePhoton),
    "six_tracks": SearchKind(SixTracksConfig, SixTracks),
    "two_leptons": SearchKind(TwoLeptonsConfig, TwoLeptons),
}
"""Kinds by the name of their processor, which a configuration gives as ``processor`` or else as ``search``."""


def read_search(path: Path) -> SearchConfig:
    """Read the configuration of a search; its processor decides which keys there are.

    Raises:
        ConfigError: as ``read_config``, or neither ``search`` nor ``processor`` is there.
        UnknownNameError: no processor of this name; proposes the closest one.

    Example:
        >>> from darkreach.configuration import config_path
        >>> read_search(config_path("searches", "axion_to_photons")).processor_name
        'axion_to_photons'
    """
    return read_chosen_config(path, lambda content: _kind(content, str(path)).config)


def search_from(content: Mapping[str, Any], where: str) -> SearchConfig:
    """Return the configuration of a search from JSON-like content, such as the settings of an earlier run.

    Args:
        content: as written by ``SearchConfig.model_dump``.
        where: of the content, for errors.

    Raises:
        ConfigError, UnknownNameError: as ``read_search``.
        pydantic.ValidationError: keys or values are wrong.
    """
    return _kind(content, where).config.model_validate(content)


def search_processor(config: SearchConfig, detector: DetectorConfig) -> SearchProcessor:
    """Return the processor of a search.

    Raises:
        UnknownNameError: no processor of the name that the configuration gives; proposes the closest one.
        ConfigError: the configuration is none of this kind of search, or asks for what the detector does not have.

    Example:
        >>> from darkreach.configuration import DetectorConfig, config_path, read_config
        >>> config = read_search(config_path("searches", "axion_to_photons"))
        >>> detector = read_config(config_path("detectors", config.detector), DetectorConfig)
        >>> search_processor(config, detector).required_columns("data")[-1]
        'phi'
    """
    kind = _named(config.processor_name, config.search)
    if not isinstance(config, kind.config):
        raise ConfigError(
            "the configuration is not one of this kind of search",
            where=config.search,
            allowed=kind.config.__name__,
            given=type(config).__name__,
            next_step="read it with read_search",
        )
    return kind.processor(config, detector)


def _kind(content: Mapping[str, Any], where: str) -> SearchKind:
    name = content.get("processor") or content.get("search")
    if not isinstance(name, str):
        raise ConfigError(
            "the configuration names no search",
            where=where,
            allowed="search: NAME, and processor: KIND if it is not the same",
            next_step="add the key 'search'",
        )
    return _named(name, where)


def _named(name: str, where: str) -> SearchKind:
    if name not in SEARCHES:
        raise unknown_name("processor of a search", name, SEARCHES, where=where)
    return SEARCHES[name]
