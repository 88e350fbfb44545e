"""The feed: facts in the county's delivery order, read by cursor and pushed live."""
