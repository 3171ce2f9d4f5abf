"""Tests of the package: the zip that Lambda runs, with nothing else on the path, and the template around it."""
