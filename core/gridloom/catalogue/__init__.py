"""The work list (网格员百项工作清单): items, where they go, service levels; everything versioned."""
