"""The doors behind the desk: each is made by the gate, which looks who it is before anything else happens."""
