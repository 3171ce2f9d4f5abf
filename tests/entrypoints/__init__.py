"""Tests of the doors, through Chalice's own way of a request."""
