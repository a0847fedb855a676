"""Putting data together: files, lines, topography, map coordinates, electrodes, boreholes.

Pure functions from `Data` to `Data`; each says in the report what it did.
"""
