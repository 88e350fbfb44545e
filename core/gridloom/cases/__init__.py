"""Cases: what was reported, who may see it, its timeline and its inbox rows."""
