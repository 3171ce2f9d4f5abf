"""Loket in Chromium: the journey as a visitor walks it, on the stack that `make run` starts."""
