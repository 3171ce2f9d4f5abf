"""What goes wrong by itself, for the tests of one flow; and the last seats, sold by a seeded scheduler."""
