"""The demonstration zone's enterprises and facts: invented, deterministic for a size and a day, never production data."""
