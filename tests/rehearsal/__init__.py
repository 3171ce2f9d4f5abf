"""The rehearsal: what deploys, operates and takes away a desk, run for real where AWS, SES and Stripe are stand-ins."""
