"""From computed limits to the limits file, with what mu = 1 means and which workspace it came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from darkreach.limits import Limit, LimitsDocument
from darkreach.pipeline.settings import RunSettings
from darkreach.provenance import digest_file, run_record
from darkreach.sharing import Hypothesis


def limits_document(
    settings: RunSettings, workspace: Sequence[Path], hypotheses: Sequence[Hypothesis], limits: Sequence[Limit]
) -> LimitsDocument:
    """Collect the limits of a run with their meaning.

    Args:
        settings: of the run.
        workspace: the files the hypotheses were read from.
        hypotheses: in order.
        limits: of all hypotheses and confidence levels.
    """
    digests = {path.name: digest_file(path) for path in workspace}
    return LimitsDocument(
        search=settings.config.search,
        poi="mu",
        parameters=tuple(hypotheses[0].values) if hypotheses else (),
        luminosity_inverse_fb=settings.luminosity_inverse_fb,
        mu_one=settings.config.mu_one,
        workspace_digests=digests,
        meanings={hypothesis.name: dict(hypothesis.meaning) for hypothesis in hypotheses},
        limits=tuple(limits),
        record=run_record(
            settings.digest,
            seeds={"simulation": settings.seed, "pseudo_data": settings.pseudo_data_seed},
            inputs=digests,
        ).as_dict(),
    )
