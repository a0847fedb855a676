"""Misfit, regularisation, search and descent: from readings to a section."""
