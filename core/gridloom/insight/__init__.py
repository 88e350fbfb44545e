"""Insight: figures kept from facts, so that what a leader sees costs the same whatever lies behind it."""
