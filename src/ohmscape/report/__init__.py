"""Documents: the self-contained report."""
