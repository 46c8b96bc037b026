"""From a news page to facts somebody vouches for: reading articles into claims, review, cross-check with the registry."""
