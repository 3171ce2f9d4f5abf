"""The nouns of the registration desk and their rules; standard library only, no clock, no I/O."""
