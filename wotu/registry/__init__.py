"""One true, dated, sourced picture of every enterprise: enterprises, attributes, facts, sources, snapshots, profile."""
