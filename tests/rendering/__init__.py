"""Tests of what is rendered beside pages and mails, and needs no browser to be looked at."""
