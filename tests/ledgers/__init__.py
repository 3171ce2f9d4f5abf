"""The proof that the books are right: a season of an association, whose ledgers equal Stripe's to the cent.

The world is that of `tests.torture`: the real application and both SDKs, AWS and Stripe in memory, and virtual time.

- **A season** (`season`) is two months of it, drawn from a seed: buyers of every kind (`buyers`) on what is offered
  (`fair`), what becomes of their money (`aftermath`), and what else moves in the same account at Stripe (`account`).
  Stripe's news is lost, comes twice, or days later (`bad_post`), and calls go wrong; sweeps and reconciliation run.
- **An audit** (`audit`), in the end and after some of the weeks, compares Stripe's side (`statement`: straight from the
  stand-in's balance transactions) with ours (`rows`: straight from the items in the table). Neither goes through the
  ledgers or the books of the product, so that what these get wrong is seen. What reconciliation has to report, and
  nothing else, is worked out beside it (`expected`).
- **Plants** (`plants`): differences put into the finished season, in the table past every guard and at Stripe, at least
  one of each kind. A round of reconciliation reports each of them under its order, its amounts in its sentence, and
  nothing else; when somebody has seen to them they are gone from the list, and the books are right again (`garden`).

`python -m tests.ledgers --orders 10000` tells all of it with its sums on both sides; LOKET_TORTURE=1 makes the test
one of 2,500. Both print the seed; `--seed` and LOKET_SEED choose another.
"""
