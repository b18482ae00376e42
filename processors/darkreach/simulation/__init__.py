"""Simulation: samples of generated and measured events, written as ntuples."""

from darkreach.simulation.sample_request import SampleRequest, sample_requests, signal_name
from darkreach.simulation.simulate_sample import finished_sample, simulate_sample

__all__ = ["SampleRequest", "finished_sample", "sample_requests", "signal_name", "simulate_sample"]
