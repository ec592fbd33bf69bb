"""Conversations of the page: kept, searched, judged and exported."""
