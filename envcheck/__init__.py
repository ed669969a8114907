"""envcheck: tells before anything is loaded whether a deployment will load."""

__version__ = "0.1.0"
