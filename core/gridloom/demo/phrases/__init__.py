"""Phrase tables of the demo county, one TOML file for each class of the work list and one that all share."""
