"""Rendering: texts in each language, and the pages and letters made of them."""
