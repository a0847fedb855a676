"""Ohmscape: a smart geo-electrical data centre."""
