"""The version of Ohmscape."""

__version__ = "0.1.0"
