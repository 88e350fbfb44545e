"""The audit chain of each county."""
