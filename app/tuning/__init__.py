"""Teaching a language model to answer from numbered evidence."""
