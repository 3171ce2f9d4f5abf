"""Texts that no form expects: all of Unicode, and what has broken others."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.hostile.canary import GUEST, mark
from tests.hostile.page import INJECTED

type Texts = st.SearchStrategy[str]

HTML = (
    f'"><{INJECTED} onload=alert(1)>',
    f"'><{INJECTED}>",
    f'" {INJECTED}="1',
    f"</script><script {INJECTED}>",
    f"<!--<{INJECTED}>",
    f"&lt;{INJECTED}&gt;&#60;{INJECTED}&#62;",
)
NASTY = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "a\r\nSet-Cookie: b=c",
    "a\r\n\r\n<p>b",
    "a\nBcc: everybody@example.nl",
    "\u202eabc\u202c",
    "\u2028",
    "\ufeff",
    "\ufffd",
    "\U0010ffff",
    "e\u0301" * 50,
    "Z\u0335\u0321" * 40,
    "😀" * 300,
    "a" * 5_000,
    "=1+1|cmd",
    "@SUM(A1)",
    "+31 6",
    "-1",
    "0",
    "1e309",
    "NaN",
    "٣",
    "9" * 400,
    "9" * 5_000,
    "javascript:alert(1)",
    "{{77777*77777}}",
    "{% include 'site/order.html' %}",
    "${77777*77777}",
    "%(secret_key)s %s %n",
    "{0.__class__}",
    "../../etc/passwd",
    "..%2f..",
    "//evil.example",
    "https://evil.example/",
    "\\\\evil.example",
    "' OR 1=1 --",
    "a@b",
    "a@localhost",
    '"a b"@example.nl',
    "a@[127.0.0.1]",
    "a@xn--",
    "a@" + "b" * 70 + ".nl",
    "=?utf-8?q?a?=@example.nl",
    "a@münchen.example.de",
    "ä@example.nl",
    "a,b@example.nl",
    "a@example.nl,c@example.nl",
    "None",
    "null",
    "true",
    "[]",
    "{}",
    "__proto__",
    "constructor",
)
SURROGATES = ("\ud800", "a\udfffb", "\ud83d")


def marked(part: str) -> Texts:
    """Something with a mark of the guest's in it."""
    return texts().map(lambda text: f"{mark(GUEST, part)}{text}")


def texts() -> Texts:
    """What is text at least."""
    return st.one_of(
        st.sampled_from(NASTY), st.text(max_size=30), st.text(alphabet=" \t\r\n\x00<>&\"'%;=", max_size=12)
    )


def torn() -> Texts:
    """Also what is no text: lone surrogates, as JSON can carry them."""
    return mostly(texts(), st.sampled_from(SURROGATES), times=2)


def mostly[Drawn](
    good: st.SearchStrategy[Drawn], bad: st.SearchStrategy[Drawn], *, times: int = 4
) -> st.SearchStrategy[Drawn]:
    """So many times the good ones for each bad one."""
    return st.sampled_from([good] * times + [bad]).flatmap(lambda chosen: chosen)
