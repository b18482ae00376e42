"""Response: the parametrised detector, from true particles to what is measured."""

from darkreach.response.event_response import measure_events
from darkreach.response.forced_outcomes import ForcedOutcomes
from darkreach.response.measured_events import MeasuredEvents, MeasuredObjects
from darkreach.response.photon_clusters import PhotonClusters
from darkreach.response.photon_response import measure_photons

__all__ = ["ForcedOutcomes", "MeasuredEvents", "MeasuredObjects", "PhotonClusters", "measure_events", "measure_photons"]
