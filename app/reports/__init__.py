"""How well each file of a collection was read, as a table, as JSON and as a page."""
