"""The zone at a glance: the wall, whose every number opens the rows behind it."""
