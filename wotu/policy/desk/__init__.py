"""The staff's pages about policies: 可享政策 on an enterprise's page, and 政策匹配 for the whole zone."""
