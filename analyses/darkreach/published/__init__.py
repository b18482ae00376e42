"""Published limits: values of papers that results are compared with, each with its source and confidence level."""

from darkreach.published.limits import PublishedLimits, PublishedPoint, read_published

__all__ = ["PublishedLimits", "PublishedPoint", "read_published"]
