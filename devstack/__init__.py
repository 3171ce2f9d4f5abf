"""What a developer's machine needs instead of AWS, SES and Stripe; never shipped."""
