"""The doors behind the desk."""
