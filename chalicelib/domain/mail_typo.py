"""Typing errors in the domain of a mail address: which domain was probably meant, if any.

In doubt it says nothing: a hint at a right address annoys more people than a missed typing error.
"""

from chalicelib.domain.mail_domain import PUBLIC_MAIL_PROVIDERS

# So common, and so unlike a word, that one letter beside them is nobody's own domain.
_OFTEN = frozenset(
    """
    casema.nl gmail.com googlemail.com hotmail.be hotmail.com hotmail.nl icloud.com kpnmail.nl outlook.be outlook.com
    outlook.nl protonmail.com quicknet.nl telenet.be telfort.nl upcmail.nl xs4all.nl yahoo.com zeelandnet.nl ziggo.nl
    """.split()
)
# One letter beside one of those, and real all the same.
_REAL = PUBLIC_MAIL_PROVIDERS | frozenset(
    "cloud.com email.com gail.com grail.com incloud.com zigo.nl ziggy.nl zingo.nl".split()
)
# Providers with addresses in one country's domain alone.
_ONE_HOME = {
    domain.partition(".")[0]: domain
    for domain in "gmail.com googlemail.com icloud.com kpnmail.nl upcmail.nl zeelandnet.nl ziggo.nl".split()
}
# Everybody's, but so short or so much like a word that only what follows the dot, or the dot itself, is looked at.
_SHORT = frozenset("home.nl live.com live.nl msn.com planet.nl hetnet.nl chello.nl".split())
_WITHOUT_DOT = {domain.replace(".", ""): domain for domain in _OFTEN | _SHORT}
# No top-level domain is called so: only a typing error ends like this.
_ENDINGS = {
    typed: meant
    for meant, slips in {
        "com": "ccom cim clm cmo c0m cok coml comm comn con conm coom copm cpm ocm vom xom xcom",
        "nl": "bl bnl hl jl ln mnl n n1 nk nkl nl1 nlk nll nln nnl",
        "net": "ent nett nte",
        "org": "irg ogr orgg orgn prg rog",
        "be": "bee eb",
        "eu": "euu ue",
    }.items()
    for typed in slips.split()
}
# Real countries, but not where these providers are.
_NEARLY_COM = frozenset({"cm", "co", "om"})


def meant_domain(domain: str) -> str:
    """The domain that was probably meant; empty when this one may well be right."""
    typed = domain.strip().lower()
    meant = _provider(_tidy(typed))
    return "" if meant == typed else meant


def _tidy(domain: str) -> str:
    """Without the signs that slipped in, and with an ending that exists."""
    parts = [part for part in domain.replace(",", ".").rstrip(";:'\")>").split(".") if part]
    if len(parts) < 2:
        return "".join(parts)
    if parts[0] == "www" and len(parts) > 2:
        del parts[0]
    return ".".join([*parts[:-1], _ENDINGS.get(parts[-1], parts[-1])])


def _provider(domain: str) -> str:
    """The well-known provider that a domain is one slip away from; else the domain itself."""
    label, _, ending = domain.partition(".")
    if not ending:
        return _WITHOUT_DOT.get(label) or _ONE_HOME.get(label, domain)
    if label in _ONE_HOME and "." not in ending:
        return _ONE_HOME[label]
    if ending in _NEARLY_COM and f"{label}.com" in _OFTEN | _SHORT:
        return f"{label}.com"
    if domain in _REAL:
        return domain
    return next((often for often in sorted(_OFTEN) if _one_slip_in_name(domain, often)), domain)


def _one_slip_in_name(typed: str, meant: str) -> bool:
    """Whether the names differ by one slip and what follows the dot is the same.

    Another first letter makes another word; one that is missing or changed places with the second is a slip.
    """
    name, _, ending = typed.partition(".")
    other, _, same = meant.partition(".")
    return ending == same and name[:1] in other[:2] and one_slip(name, other)


def one_slip(typed: str, meant: str) -> bool:
    """Whether two words differ by one letter too many, too few or wrong, or by two that changed places."""
    while typed and meant and typed[0] == meant[0]:
        typed, meant = typed[1:], meant[1:]
    while typed and meant and typed[-1] == meant[-1]:
        typed, meant = typed[:-1], meant[:-1]
    swapped = len(typed) == 2 and typed == meant[::-1]
    return swapped or (max(len(typed), len(meant)) == 1)
