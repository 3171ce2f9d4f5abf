"""The proof that an order is always right: the real code between AWS and Stripe in memory, under every fault.

The flows, adapters, doors, workers, schedules and both SDKs are the real ones. Below the SDKs stand a DynamoDB
(`engine`), an SQS (`queues`), an SES (`mailroom`) and Stripe's stand-in; time is virtual (`virtual_time`).

- **A world** is one desk with everybody around it: `World(table=prepared(story.prepare), habits=Habits(...), plan={17:
  Fault.read("dies-after")})`. Each outside call, each piece of news on its way to us and each message handed to a
  worker passes the world's `gate`, which counts them from 1 (`world.gate.places` are their names): the `plan` says at
  which of them something goes wrong, and `world.gate.struck` what did. Inside `with world.running():` it is in the
  process's place, and the doors are open: `world.get`, `post`, `bring` (Stripe's news), `work` (a worker), `sweep`,
  `reconcile`, `wait`.
- **Something replaced**: `World(alter=lambda world: ...)`, as `play(case, alter=...)` and `explore(cases, alter=...)`,
  is called when all is wired and may put anything in the place of a part of `world.application` (its `store`,
  `gateway`, `emails`, `sender`, ...).
- **A story** (`stories`, `money_stories`; `catalogue.STORIES_BY_NAME` has them all) is what people, banks and the
  secretariat do, all of it through `people`: so it can be begun in the middle (`explore.Rehearsal`).
  `play(Case(story=..., habits=..., plan=...))` gives the world afterwards.
- **Violations** are words: `violations(world, story)`, empty when all is right. What may be at no moment is looked for
  after each commit (`books`), what may not be left in the end by the `judge`.
- **All cases** of a story: `singles(case)`, `pairs(case, chance=...)`; `explore(cases)` plays them and gives `Found`.
- **A crowd**: `Crowd(seed).come_together()` gives its violations; one actor goes on at a time, drawn before each call.

`python -m tests.torture --help` runs all of it, or one case, or one crowd.
"""
