"""沃土: the operating system of a technology zone."""

__version__ = "0.1.0"
