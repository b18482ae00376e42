"""The peer ROOT: HistFactory models built from pyhf workspaces, CLs limits by RooStats' asymptotic calculator.

``limit`` returns the observed limit and the five expected ones of a scan of 55 points. Knows the modifiers of
``limit_workloads.py``: normfactor, normsys, histosys, staterror, shapesys, lumi. Needs ROOT (PyPI package ``root``).
Used by ``limit_peers.py``, which ends with ``os._exit``, because ROOT 6.40 crashes while the interpreter shuts down.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SCAN_POINTS, FINE_POINTS = 55, 5


def prepare_root() -> Any:
    """Return ROOT without its messages."""
    import ROOT

    ROOT.gROOT.SetBatch(True)
    ROOT.gErrorIgnoreLevel = ROOT.kError
    ROOT.RooMsgService.instance().setGlobalKillBelow(ROOT.RooFit.FATAL)
    ROOT.Math.MinimizerOptions.SetDefaultMinimizer("Minuit2")
    ROOT.RooStats.AsymptoticCalculator.SetPrintLevel(-1)
    return ROOT


def limit(workspace: Mapping[str, Any], level: float, near: float, largest: float) -> tuple[list[float], float, float]:
    """Return limits, and the CPU seconds of building the model and of the scan.

    Args:
        workspace: pyhf workspace.
        level: 1 - CL.
        near: where the observed limit is looked for by a fine scan that is not timed; linear interpolation between the
            points of the timed one is good to 1 % only.
        largest: end of the timed scan.

    Returns:
        [observed of the fine scan, -2 ... +2 of the timed one], seconds, seconds.
    """
    root = prepare_root()
    start = time.process_time()
    built = build(root, workspace)
    middle = time.process_time()
    result = _scan(root, built, level, (1e-3 * largest, largest, SCAN_POINTS))
    end = time.process_time()
    fine = _scan(root, built, level, (0.98 * near, 1.02 * near, FINE_POINTS))
    bands = [result.GetExpectedUpperLimit(band) for band in (-2, -1, 0, 1, 2)]
    return [fine.UpperLimit(), *bands], middle - start, end - middle


def _scan(root: Any, built: Any, level: float, points: tuple[float, float, int]) -> Any:
    first, last, number = points
    model, data = built.obj("ModelConfig"), built.data("obsData")
    poi = model.GetParametersOfInterest().first()
    poi.setRange(0.0, 2.0 * last)
    poi.setVal(0.5 * last)
    model.SetSnapshot(root.RooArgSet(poi))
    background = model.Clone("background")
    poi.setVal(0.0)
    background.SetSnapshot(root.RooArgSet(poi))
    calculator = root.RooStats.AsymptoticCalculator(data, background, model)
    calculator.SetOneSided(True)
    calculator.SetQTilde(True)
    inverter = root.RooStats.HypoTestInverter(calculator)
    inverter.SetConfidenceLevel(1.0 - level)
    inverter.UseCLs(True)
    inverter.SetVerbose(0)
    inverter.SetFixedScan(number, first, last)
    return inverter.GetInterval()


def build(root: Any, workspace: Mapping[str, Any]) -> Any:
    """Return the RooWorkspace of a pyhf workspace."""
    configuration = workspace["measurements"][0]["config"]
    settings = {entry["name"]: entry for entry in configuration["parameters"]}
    factory = root.RooStats.HistFactory
    measurement = factory.Measurement("m", "m")
    measurement.SetPOI(configuration["poi"])
    measurement.SetLumi(1.0)
    # ROOT's own luminosity multiplies all samples, also those that say they are not normalised by theory
    measurement.SetLumiRelErr(0.01)
    measurement.AddConstantParam("Lumi")
    counts = {entry["name"]: entry["data"] for entry in workspace["observations"]}
    for content in workspace["channels"]:
        channel = factory.Channel(content["name"])
        channel.SetStatErrorConfig(0.0, "Gaussian")
        channel.SetData(_histogram(root, f"data_{content['name']}", counts[content["name"]]))
        for sample in content["samples"]:
            channel.AddSample(_sample(root, content["name"], sample, settings))
        measurement.AddChannel(channel)
    with tempfile.TemporaryDirectory() as folder:
        measurement.SetOutputFilePrefix(str(Path(folder) / "model"))
        return factory.MakeModelAndMeasurementFast(measurement)


def _histogram(root: Any, name: str, values: Any) -> Any:
    histogram = root.TH1D(name, name, len(values), 0.0, float(len(values)))
    histogram.SetDirectory(root.nullptr)
    # HistFactory keeps the pointer and deletes it
    root.SetOwnership(histogram, False)
    for index, value in enumerate(values):
        histogram.SetBinContent(index + 1, float(value))
        histogram.SetBinError(index + 1, 0.0)
    return histogram


def _sample(root: Any, channel: str, content: Mapping[str, Any], settings: Mapping[str, Any]) -> Any:
    factory = root.RooStats.HistFactory
    prefix = f"{channel}_{content['name']}"
    nominal = content["data"]
    sample = factory.Sample(content["name"])
    sample.SetHisto(_histogram(root, prefix, nominal))
    sample.SetNormalizeByTheory(False)
    for modifier in content["modifiers"]:
        kind, name, data = modifier["type"], modifier["name"], modifier["data"]
        if kind == "normfactor":
            low, high = settings.get(name, {}).get("bounds", [[0.0, 10.0]])[0]
            sample.AddNormFactor(name, 1.0, low, high)
        elif kind == "normsys":
            sample.AddOverallSys(name, data["lo"], data["hi"])
        elif kind == "histosys":
            shift = factory.HistoSys()
            shift.SetName(name)
            shift.SetHistoLow(_histogram(root, f"{prefix}_{name}_low", data["lo_data"]))
            shift.SetHistoHigh(_histogram(root, f"{prefix}_{name}_high", data["hi_data"]))
            sample.AddHistoSys(shift)
        elif kind in ("staterror", "shapesys"):
            relative = [error / value if value > 0.0 else 0.0 for error, value in zip(data, nominal, strict=True)]
            errors = _histogram(root, f"{prefix}_{name}_errors", relative)
            if kind == "staterror":
                sample.ActivateStatError()
                sample.GetStatError().SetErrorHist(errors)
            else:
                shape = factory.ShapeSys()
                shape.SetName(name)
                shape.SetConstraintType(root.RooStats.HistFactory.Constraint.Poisson)
                shape.SetErrorHist(errors)
                sample.AddShapeSys(shape)
        elif kind == "lumi":
            # linear in pyhf, log-linear here: the same to half the square of an uncertainty of one per cent
            error = settings["lumi"]["sigmas"][0]
            sample.AddOverallSys("luminosity", 1.0 - error, 1.0 + error)
        else:
            raise ValueError(f"modifier type {kind} is not translated")
    return sample
