"""The looks: every page and every mail, drawn and measured in a browser."""
