"""Clocks: the county's calendar, time limits counted day by day, and their firing."""
