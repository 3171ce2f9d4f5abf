"""Loket: the registration desk of an association."""
