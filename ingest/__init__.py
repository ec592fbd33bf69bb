"""The document side: folders to documents to chunks in the store."""
