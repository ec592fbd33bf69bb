"""Readers, which turn the bytes of a file into documents."""
