"""The data centre, inside: objects, catalogue, audit, ingest, runs, and what keeps them whole.

Needs the extra ``centre``: ``pip install "ohmscape[centre]"``.
"""
