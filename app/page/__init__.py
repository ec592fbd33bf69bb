"""The chat page: pick a collection, ask, read the answer beside the words it rests on."""
