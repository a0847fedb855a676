"""All plotting; nothing else plots."""
