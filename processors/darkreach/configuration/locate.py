"""Where the shipped configuration files are, in a checkout and in an installed copy."""

from __future__ import annotations

from pathlib import Path

from darkreach.errors import ConfigError, unknown_name


def shipped_folder(in_checkout: str, in_wheel: str) -> Path:
    """Return a data folder shipped with the package: beside the rooms in a checkout, inside the package in a wheel.

    Raises:
        ConfigError: the folder is in neither place.
    """
    package = Path(__file__).parents[1]
    for candidate in (package / in_wheel, package.parents[1] / in_checkout):
        if candidate.is_dir():
            return candidate
    raise ConfigError(
        f"the shipped folder '{in_checkout}' is missing",
        where=str(package),
        next_step="install darkreach again, or run it from a complete checkout",
    )


def config_path(kind: str, name: str) -> Path:
    """Return the path of a shipped YAML file, e.g. ``config_path("searches", "axion_to_photons")``.

    Raises:
        UnknownNameError: no such file; names the closest one.

    Example:
        >>> config_path("searches", "axion_to_photons").name
        'axion_to_photons.yaml'
    """
    folder = shipped_folder("configs", "configs") / kind
    known = sorted(path.stem for path in folder.glob("*.yaml"))
    if name not in known:
        singular = {"searches": "search", "detectors": "detector", "sites": "site"}.get(kind, kind)
        raise unknown_name(singular, name, known)
    return folder / f"{name}.yaml"


def known_configs(kind: str) -> list[str]:
    """Return the names of the shipped YAML files of one kind, sorted."""
    return sorted(path.stem for path in (shipped_folder("configs", "configs") / kind).glob("*.yaml"))
