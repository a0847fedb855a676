"""Meshes of a section: what the forward calculation and the parameters live on."""
