"""What an embedded form weighs: its script and fragments, requests and cookies, beside those of peers.

    make bench-embed

Measured in Chromium on a website of its own, against a desk that is started for it. Sizes are gzip at level 6, as most
servers have it; those of the peers are of their script and style, measured the same way, before anything of a form.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Response, sync_playwright

from tests.browser.chromium import FLAGS, chromium_path, is_root
from tests.browser.stack import Stack, running_stack

PEERS = {"OpnForm": 10.2, "Typeform": 14.6, "Cal.com": 17.2, "pretix": 67.5, "Ghost": 80.4}
FORMS = ("lidmaatschap", "congres-2027", "lancering", "werkgroep")
LEVEL = 6
# What was promised, in bytes.
MOST_SCRIPT, MOST_TOGETHER, MOST_REQUESTS = 4000, 6000, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What one form costs the page it stands in, in bytes."""

    form: str
    script: int
    fragment: int
    requests: int
    others: int
    cookies: int

    @property
    def together(self) -> int:
        return self.script + self.fragment

    @property
    def as_promised(self) -> bool:
        fits = self.script <= MOST_SCRIPT and self.together <= MOST_TOGETHER
        return fits and self.requests <= MOST_REQUESTS and not self.others and not self.cookies


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_stack(log=Path(scratch, "log")) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=list(FLAGS), chromium_sandbox=not is_root()
        )
        weights = [weigh(browser, stack, form=form) for form in FORMS]
        browser.close()
    print(table(weights))
    return 0 if all(weight.as_promised for weight in weights) else 1


def weigh(browser: Browser, stack: Stack, *, form: str) -> Weight:
    """Open a page with one form, and see what comes for it."""
    context = browser.new_context()
    page, seen = context.new_page(), list[Response]()
    page.on("response", lambda response: seen.append(response))  # noqa: PLW0108  # Playwright wants no built-in
    page.goto(f"{stack.website}/strikt?form={form}")
    page.locator("loket-form form").wait_for()
    page.wait_for_load_state("networkidle")
    ours = [response for response in seen if response.url.startswith(stack.desk)]
    others = [response for response in seen if not response.url.startswith((stack.desk, stack.website, "data:"))]
    sizes = {response.url.endswith("/embed.js"): len(gzip.compress(response.body(), LEVEL)) for response in ours}
    weight = Weight(
        form=form,
        script=sizes[True],
        fragment=sizes[False],
        requests=len(ours),
        others=len(others),
        cookies=len(context.cookies()),
    )
    context.close()
    return weight


def table(weights: list[Weight]) -> str:
    """The figures, in kB of 1000 bytes, as those of the peers are."""
    lines = [
        f"{'':14}{'script + style':>16}{'fragment':>10}{'together':>10}{'requests':>10}{'others':>8}{'cookies':>9}"
    ]
    for weight in weights:
        sizes = f"{weight.script / 1000:13.2f} kB{weight.fragment / 1000:7.2f} kB{weight.together / 1000:7.2f} kB"
        lines.append(f"{weight.form:14}{sizes}{weight.requests:10}{weight.others:8}{weight.cookies:9}")
    promised = f"{MOST_SCRIPT / 1000:13.2f} kB{'':10}{MOST_TOGETHER / 1000:7.2f} kB{MOST_REQUESTS:10}{0:8}{0:9}"
    lines += [f"{'at most':14}{promised}", "", "Peers, script and style alone:"]
    lines += [f"{name:14}{size:12.1f}  kB" for name, size in PEERS.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
