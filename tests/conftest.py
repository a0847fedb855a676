"""Shared by all tests; being here, it also makes `tests.support` importable everywhere."""
