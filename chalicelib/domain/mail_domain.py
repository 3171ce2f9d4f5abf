"""Which mail domains stand for one organisation, and which are everybody's."""

# Mail providers whose addresses say nothing about an organisation; LPB's visitors are Dutch and Belgian.
PUBLIC_MAIL_PROVIDERS = frozenset(
    """
    aol.com casema.nl chello.nl fastmail.com freedom.nl gmail.com gmx.com gmx.net googlemail.com hccnet.nl
    hetnet.nl home.nl hotmail.be hotmail.com hotmail.nl icloud.com kpnmail.nl kpnplanet.nl live.be live.com
    live.nl mac.com mail.com me.com msn.com onsbrabantnet.nl outlook.be outlook.com outlook.nl planet.nl
    pm.me proton.me protonmail.com proximus.be quicknet.nl skynet.be solcon.nl telenet.be telfort.nl tele2.nl
    tiscali.nl tuta.com upcmail.nl versatel.nl wxs.nl xs4all.nl yahoo.com yahoo.nl zeelandnet.nl ziggo.nl zonnet.nl
    """.split()
)


def organisation_domain(email: str) -> str:
    """The domain of an address when it stands for an organisation, else empty."""
    domain = email.rpartition("@")[2].lower()
    return "" if domain in PUBLIC_MAIL_PROVIDERS else domain
