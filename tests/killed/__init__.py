"""What is dead: a process at any outside call, the queue for ever, Stripe's webhooks for ever.

`test_sigkill.py` kills real processes; the way of it: `places.py` (where one dies), `process.py` (the warm process that
forks one child per invocation), `servers.py` (AWS, Stripe and SES as it finds them), `world.py` (everybody who goes on
afterwards), `journeys.py` (what is played), `judge.py` (what must hold in the end).
"""
