"""Dispatch: routes, whistles, assignments, returns and rulings, supervision, verification."""
