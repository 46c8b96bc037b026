"""The intelligence room's pages: articles, their review, and what was published beside what is counted."""
