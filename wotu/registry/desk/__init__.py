"""The staff's pages about enterprises: the list, the portrait 企业画像, and what other rooms may hang on it."""
