"""What Google's Lighthouse says of the hosted form pages."""
