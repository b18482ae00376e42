"""Clusters of a dask-gateway server."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from darkreach.configuration.site import GatewaySite
from darkreach.errors import ConfigError, DarkreachError


def gateway_cluster(site: GatewaySite) -> Any:
    """Return a new cluster of a dask-gateway server, without workers yet.

    Raises:
        ConfigError: dask-gateway is not installed.
        DarkreachError: the server does not answer or refuses.
    """
    try:
        dask_gateway: Any = import_module("dask_gateway")
    except ImportError as error:
        raise ConfigError(
            "a site of kind 'gateway' needs the package dask-gateway",
            where=site.title,
            given=str(error),
            next_step="pip install dask-gateway, in the version of the server",
        ) from error
    try:
        return dask_gateway.Gateway(site.address).new_cluster(**site.options, shutdown_on_close=True)
    except (OSError, ValueError, RuntimeError, dask_gateway.GatewayClusterError) as error:
        raise DarkreachError(
            "the dask-gateway server does not give a cluster",
            where=site.address,
            given=f"{type(error).__name__}: {error}",
            next_step="check address and options in the file of the site",
        ) from error
