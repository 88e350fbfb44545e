"""Fixtures of the contract's tests."""
