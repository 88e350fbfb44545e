"""Territory: the county's tree of grids through time, their boundaries, who works in them, villager groups."""
