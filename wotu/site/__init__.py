"""Settings, addresses, the staff desk's shell and the `wotu` command."""
