"""Loket where we have no say: in Firefox, in WebKit, and on a page that WordPress made."""
