"""Instrument and exchange formats, one file each."""
