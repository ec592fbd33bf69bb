"""What the page says when Citewell itself is at fault."""

import logging

import streamlit as st

from citewell.app.page.render import error_html

logger = logging.getLogger(__name__)


def say_mistake(error: Exception) -> bool:
    """Log an error that nobody expected, and say so in place of Streamlit's own words.

    Returns:
        True: Streamlit is to show nothing of its own.
    """
    logger.error("A page failed", exc_info=error)
    st.html(
        error_html(
            "Citewell made a mistake and could not show this page. What it was stands in the log "
            "of the program that serves it. Load the page anew; nothing that was kept is lost."
        )
    )
    return True
