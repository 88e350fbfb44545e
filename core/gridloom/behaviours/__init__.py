"""Core's state machines as tables of steps, and the matters that plugins' elements keep on them."""
