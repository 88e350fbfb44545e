"""Counties: what a tenant is, its keys, its state."""
