"""The door for everybody: forms, and the page of one order."""
