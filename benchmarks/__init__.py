"""Speed, memory and accuracy of Ohmscape, beside its peer pyGIMLi.

``python -m benchmarks`` runs everything and rewrites docs/performance.md; ``--quick`` takes about
two minutes. Nothing that is measured runs in this process: each party has a process of its own.
"""
