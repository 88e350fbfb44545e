"""Organisations, staff and the posts they hold."""
