"""The demo county: everything about it that is computed, not stored. All people, phones and cases are synthetic."""
