"""What one run is asked to do: configuration, preset and the options that override them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from darkreach.building.build_checks import check_settings
from darkreach.building.displaced_checks import check_displaced_settings
from darkreach.building.plane_checks import check_plane_settings
from darkreach.configuration import (
    CouplingSettings,
    DetectorConfig,
    MassPreset,
    MassScanConfig,
    Preset,
    SearchConfig,
    config_path,
    read_config,
)
from darkreach.configuration.displaced_search import DisplacedSearchConfig
from darkreach.configuration.plane_search import PlaneSearchConfig
from darkreach.couplings import coupling_model, plane_coupling_model
from darkreach.couplings.coupling_models import long_lived_model
from darkreach.errors import ConfigError, InputFileError, unknown_name
from darkreach.limits import ENGINE_NAMES, METHOD_NAMES
from darkreach.provenance import digest_json, run_record, write_json
from darkreach.searches import read_search, search_from

FORMAT_VERSION = "darkreach-run-1"


@dataclass(frozen=True)
class RunSettings:
    """The resolved settings of a run; equal settings and code give equal results.

    Attributes:
        config: the search.
        detector: the detector the search names.
        preset_name: ``demo``, ``full`` or another preset of the configuration.
        luminosity_inverse_fb: integrated luminosity, fb^-1.
        confidence_levels: e.g. (0.90, 0.95).
        seed: root seed of the simulation.
        pseudo_data_seed: seed of the pseudo-data.
        engine: limit engine by name.
        method: asymptotic, toys, exact, or auto, which chooses for each hypothesis by its expected events.
    """

    config: SearchConfig
    detector: DetectorConfig
    preset_name: str
    luminosity_inverse_fb: float
    confidence_levels: tuple[float, ...]
    seed: int
    pseudo_data_seed: int
    engine: str = "auto"
    method: str = "auto"

    @property
    def preset(self) -> Preset:
        """How much to simulate."""
        return self.config.presets[self.preset_name]

    @property
    def mass_scan(self) -> MassScanConfig:
        """The configuration of a search whose hypotheses are masses.

        Raises:
            ConfigError: it is one of another kind.
        """
        if not isinstance(self.config, MassScanConfig):
            raise ConfigError("not a search in one mass", where=self.config.search, given=type(self.config).__name__)
        return self.config

    @property
    def mass_preset(self) -> MassPreset:
        """How much to simulate and which masses to scan.

        Raises:
            ConfigError: hypotheses of this search are not masses.
        """
        return self.mass_scan.presets[self.preset_name]

    @property
    def sqrt_s(self) -> float:
        """Centre-of-mass energy of the nominal beams, GeV."""
        return self.detector.beams.beams().sqrt_s

    @property
    def digest(self) -> str:
        """SHA-256 of everything above."""
        return digest_json(self.as_dict())

    def as_dict(self) -> dict[str, object]:
        """Return the settings as JSON-like data."""
        return {
            "config": self.config.model_dump(mode="json"),
            "detector": self.detector.model_dump(mode="json"),
            "preset": self.preset_name,
            "luminosity_inverse_fb": self.luminosity_inverse_fb,
            "confidence_levels": list(self.confidence_levels),
            "seed": self.seed,
            "pseudo_data_seed": self.pseudo_data_seed,
            "engine": self.engine,
            "method": self.method,
        }


def run_settings(
    search: str,
    *,
    config_file: Path | None = None,
    preset: str = "demo",
    luminosity_inverse_fb: float | None = None,
    confidence_levels: tuple[float, ...] | None = None,
    seed: int | None = None,
    engine: str = "auto",
    method: str = "auto",
) -> RunSettings:
    """Read the configuration of a search and apply the options.

    Args:
        search: name of a shipped search.
        config_file: another YAML file for the same search.
        preset: which preset of the configuration.
        luminosity_inverse_fb: instead of that of the configuration, fb^-1.
        confidence_levels: likewise.
        seed: likewise, for both seeds (the pseudo-data gets seed + 1).
        engine: limit engine by name.
        method: asymptotic, toys, exact, or auto, which chooses for each hypothesis by its expected events.

    Raises:
        UnknownNameError: no such search, preset, limit engine or method.
        ConfigError: the configuration is wrong (file:line), or belongs to another search.

    Example:
        >>> run_settings("axion_to_photons").luminosity_inverse_fb
        0.445
    """
    path = config_path("searches", search) if config_file is None else config_file
    config = read_search(path)
    _refuse_early(config, search, path)
    for option, name, known, where in (
        ("preset", preset, config.presets, str(path)),
        ("engine", engine, ENGINE_NAMES, "--engine"),
        ("method", method, METHOD_NAMES, "--method"),
    ):
        if name not in known:
            raise unknown_name(option, name, known, where=where)
    return RunSettings(
        config=config,
        detector=read_config(config_path("detectors", config.detector), DetectorConfig),
        preset_name=preset,
        luminosity_inverse_fb=config.luminosity.value if luminosity_inverse_fb is None else luminosity_inverse_fb,
        confidence_levels=config.confidence_levels if confidence_levels is None else confidence_levels,
        seed=config.simulation.seed if seed is None else seed,
        pseudo_data_seed=config.simulation.pseudo_data_seed if seed is None else seed + 1,
        engine=engine,
        method=method,
    )


def _refuse_early(config: SearchConfig, search: str, path: Path) -> None:
    """Find what a later stage would refuse: a typing error must not cost the hours until then."""
    if config.search != search:
        raise ConfigError(
            "the configuration belongs to another search",
            where=str(path),
            allowed=f"search: {search}",
            given=f"search: {config.search}",
            next_step=f"run 'darkreach run {config.search}' or give another --config",
        )
    if isinstance(config, MassScanConfig):
        check_settings(config)
    model: Callable[[CouplingSettings], object] = coupling_model
    if isinstance(config, PlaneSearchConfig):
        check_plane_settings(config)
        model = plane_coupling_model
    if isinstance(config, DisplacedSearchConfig):
        check_displaced_settings(config)
        model = long_lived_model
    for coupling in config.couplings:
        model(coupling)


def write_settings(path: Path, settings: RunSettings) -> None:
    """Write the resolved settings of a run, with provenance."""
    seeds = {"simulation": settings.seed, "pseudo_data": settings.pseudo_data_seed}
    record = run_record(settings.digest, seeds=seeds).as_dict()
    write_json(path, {"format": FORMAT_VERSION, "settings": settings.as_dict(), "record": record})


def read_settings(path: Path) -> RunSettings:
    """Read the settings of an earlier run.

    Raises:
        InputFileError: the file is missing or is not the settings of a run.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        stored = content["settings"]
        return RunSettings(
            config=search_from(stored["config"], str(path)),
            detector=DetectorConfig.model_validate(stored["detector"]),
            preset_name=stored["preset"],
            luminosity_inverse_fb=stored["luminosity_inverse_fb"],
            confidence_levels=tuple(stored["confidence_levels"]),
            seed=stored["seed"],
            pseudo_data_seed=stored["pseudo_data_seed"],
            engine=stored["engine"],
            method=stored["method"],
        )
    except FileNotFoundError as error:
        raise InputFileError(
            "not the folder of a run or of a plan",
            where=str(path.parent),
            allowed=f"a folder with {path.name}",
            next_step="give the --out of 'darkreach run' or 'darkreach plan'",
        ) from error
    except KeyError as error:
        raise InputFileError(
            "settings of a run from another version of this program",
            where=str(path),
            given=f"no entry {error}",
            next_step="give the same command with --resume and all its options again: what is still valid is reused",
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise InputFileError(
            "not the settings of a run", where=str(path), given=str(error), next_step="run or plan again"
        ) from error
