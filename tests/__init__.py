"""The tests of Loket, one folder per room."""
