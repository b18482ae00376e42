"""Which simulated background samples are one sample of the likelihood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from darkreach.configuration import BackgroundGroup
from darkreach.errors import WorkspaceError, closest_name
from darkreach.events.manifest import SampleManifest


def sample_process(manifest: SampleManifest) -> str | None:
    """Return the name of the process that a sample was simulated with; None for events from elsewhere.

    The field ``process`` of a manifest is a title in words; the name is in the settings of its record.
    """
    settings = manifest.record.get("settings")
    name = settings.get("process") if isinstance(settings, dict) else None
    return name if isinstance(name, str) else None


def grouped_samples(
    manifests: Iterable[SampleManifest], groups: Sequence[BackgroundGroup]
) -> dict[str, tuple[str, ...]]:
    """Return the background samples (``sample`` of their manifests) by sample of the likelihood.

    Without groups each sample stands for itself. A group names samples, or processes for all samples of them; a sample
    that one group names itself does not belong to the group of its process.

    Raises:
        WorkspaceError: there is no background sample, one belongs to no group or to two, or nothing fits a name.
    """
    background = [manifest for manifest in manifests if manifest.kind == "background"]
    if not background:
        raise WorkspaceError("the histograms hold no background sample", where="samples", next_step="process one")
    if not groups:
        return {manifest.sample: (manifest.sample,) for manifest in background}
    members: dict[str, list[str]] = {group.name: [] for group in groups}
    for manifest in background:
        members[_group_of(manifest, groups)].append(manifest.sample)
    _check_names(background, groups)
    return {name: tuple(samples) for name, samples in members.items() if samples}


def _group_of(manifest: SampleManifest, groups: Sequence[BackgroundGroup]) -> str:
    process = sample_process(manifest)
    by_sample = [group.name for group in groups if manifest.sample in group.samples]
    found = by_sample or [group.name for group in groups if process in group.samples]
    if len(found) == 1:
        return found[0]
    raise WorkspaceError(
        f"a background sample belongs to {'no group' if not found else 'several groups'}",
        where=f"sample {manifest.sample}, process {process or 'unknown'}",
        allowed="; ".join(f"{group.name}: {', '.join(group.samples)}" for group in groups),
        given=", ".join(found) or "in none",
        next_step="name it in one of workspace.groups: the sample, or its process for all samples of it",
    )


def _check_names(background: Sequence[SampleManifest], groups: Sequence[BackgroundGroup]) -> None:
    known = {manifest.sample for manifest in background}
    known |= {process for process in map(sample_process, background) if process}
    for group in groups:
        for name in group.samples:
            if name not in known:
                match = closest_name(name, known)
                raise WorkspaceError(
                    "a group names a background that was not simulated",
                    where=f"workspace.groups: {group.name}",
                    allowed=", ".join(sorted(known)),
                    given=name,
                    next_step=f"did you mean '{match}'?" if match else "simulate it, or take it out of the group",
                )
