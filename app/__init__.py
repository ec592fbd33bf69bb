"""The question side: answers with checked citations, language models, commands, the page."""
