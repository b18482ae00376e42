"""From a campaign to the samples it consists of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from darkreach.configuration import DetectorConfig
from darkreach.configuration.campaign import CampaignConfig, CampaignSample
from darkreach.generators.process_registry import find_process
from darkreach.simulation.process_request import ProcessRequest, process_sample_name


def campaign_requests(
    campaign: CampaignConfig, detector: DetectorConfig, *, seed: int | None = None, measured: bool = True
) -> list[ProcessRequest]:
    """Return one request for each process and each combination of its values, in the order of the campaign.

    Args:
        campaign: the samples.
        detector: whose beams collide and which measures.
        seed: instead of that of the campaign.
        measured: whether the detector is simulated.

    Raises:
        UnknownNameError: no such process or parameter; proposes the closest name.
        ConfigError: a parameter without default is missing, or is not finite.
    """
    root = campaign.seed if seed is None else seed
    return [
        request
        for entry in campaign.samples
        for request in entry_requests(entry, detector, seed=root, formats=campaign.formats, measured=measured)
    ]


def entry_requests(
    entry: CampaignSample, detector: DetectorConfig, *, seed: int, formats: tuple[str, ...], measured: bool = True
) -> Iterator[ProcessRequest]:
    """Yield one request for each combination of the values of one process; arguments and errors as above."""
    process = find_process(entry.process)
    lists = {name: value if isinstance(value, tuple) else (value,) for name, value in entry.parameters.items()}
    usual = process.usual_isr_fraction
    radiation = usual if entry.maximum_isr_fraction is None else entry.maximum_isr_fraction
    for combination in itertools.product(*lists.values()):
        values = process.values(dict(zip(lists, combination, strict=True)))
        name = process_sample_name(process, values)
        yield ProcessRequest(name, process, values, entry.events, seed, radiation, detector, formats, measured)
