"""The reader: question and passage read together in one pass of a small taught model."""
