"""Gridloom: county social governance."""
