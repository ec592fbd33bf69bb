"""Pages of PDF files as images, drawn by a process that a bad file cannot take the page with."""
