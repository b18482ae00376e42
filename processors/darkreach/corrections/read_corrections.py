"""Reading corrections: description files, and the correctionlib payloads beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from correctionlib import schemav2

from darkreach.configuration.document import read_config
from darkreach.corrections.bin_table import BinTable, bin_table
from darkreach.corrections.contracts import CorrectionDescription, CorrectionFile
from darkreach.corrections.correction import Correction
from darkreach.corrections.correction_set import Corrections
from darkreach.corrections.payload import flow_rules, payload_correction, read_payload, walk
from darkreach.corrections.shared_nuisances import require_meaningful_sharing
from darkreach.errors import ConfigError, InputFileError
from darkreach.provenance import digest_json

MAXIMUM_DESCRIPTION_BYTES: Final = 4 * 1024 * 1024


def read_corrections(paths: Iterable[Path | str]) -> Corrections:
    """Return the corrections that description files name, in order; payloads stand in the folder of their description.

    Raises:
        ConfigError: a description is wrong, does not fit its payload, or two corrections share a name or (wrongly) a
            nuisance parameter.
        InputFileError: a payload cannot be read, is no correctionlib payload, or holds weights below zero.
        UnknownNameError: the payload lacks the correction or one of its variations.
    """
    found: dict[str, Correction] = {}
    for path in map(Path, paths):
        if path.is_file() and path.stat().st_size > MAXIMUM_DESCRIPTION_BYTES:
            raise ConfigError(
                "the description is too large", where=str(path), allowed=f"{MAXIMUM_DESCRIPTION_BYTES} bytes"
            )
        payloads: dict[str, schemav2.CorrectionSet] = {}
        for description in read_config(path, CorrectionFile).corrections:
            if description.name in found:
                raise ConfigError("two corrections have the same name", where=str(path), given=description.name)
            if description.payload not in payloads:
                payloads[description.payload] = read_payload(path.parent / description.payload)
            found[description.name] = described_correction(description, payloads[description.payload], str(path))
    require_meaningful_sharing(found.values())
    return Corrections(tuple(found.values()))


def described_correction(
    description: CorrectionDescription, payload: schemav2.CorrectionSet, where: str = "payload"
) -> Correction:
    """Return a correction from a description and a payload already read.

    Raises:
        ConfigError: the inputs of the description are not those of the payload.
    """
    correction = payload_correction(payload, description.correction, where)
    types: dict[str, str] = {variable.name: variable.type for variable in correction.inputs}
    _check_inputs(description, types, where)
    place = f"{where}: {description.payload}: {description.correction}"
    chosen_by = {node.input for node in walk(correction.data) if isinstance(node, schemav2.Category)}
    if description.nuisances and description.variation_input not in chosen_by:
        raise ConfigError(
            f"the payload of '{description.name}' never looks at its variation input: all variations would be equal",
            where=place,
            given=str(description.variation_input),
        )
    table = bin_table(correction, description.variation_input, description.variation_keys, place)
    if description.kind == "weight":
        _refuse_negative(table, place)
    inputs = tuple((name, kind) for name, kind in types.items() if name != description.variation_input)
    content = [description.model_dump(mode="json"), correction.model_dump(mode="json")]
    return Correction(description, inputs, table, flow_rules(correction), digest_json(content))


def _check_inputs(description: CorrectionDescription, types: dict[str, str], where: str) -> None:
    variation = {description.variation_input} - {None}
    wanted = set(description.inputs) | variation
    if wanted != set(types):
        raise ConfigError(
            f"the inputs of '{description.name}' are not those of its payload",
            where=where,
            allowed=", ".join(types),
            given=", ".join(sorted(map(str, wanted))),
            next_step="name a column for each input of the payload, and variation_input for the choice of a variation",
        )
    texts = {name for name, kind in types.items() if kind == "string"} - variation
    if texts or any(types[str(name)] != "string" for name in variation):
        raise ConfigError(
            f"'{description.name}': only the variation input is a text, columns are numbers",
            where=where,
            given=", ".join(f"{name}: {kind}" for name, kind in types.items()),
        )


def _refuse_negative(table: BinTable, where: str) -> None:
    for key, values in table.values.items():
        negative = 0 if values is None else int(np.count_nonzero(values < 0.0))
        if values is not None and negative:
            raise InputFileError(
                "the table holds weights below zero",
                where=where,
                given=f"{negative} of {len(values)} bins in '{key or 'nominal'}'",
                next_step="an uncertainty larger than its correction: merge or drop these bins",
            )
