"""The ground floor: the store, the embedding model and the search. Embeddable on its own."""
