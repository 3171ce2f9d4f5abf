"""Which mail domains stand for one organisation, and which are everybody's."""

import re

# Mail providers whose addresses say nothing about an organisation; LPB's visitors are Dutch and Belgian.
PUBLIC_MAIL_PROVIDERS = frozenset(
    """
    12move.nl antenna.nl aol.com belgacom.net btinternet.com caiway.net caiway.nl casema.nl chello.nl
    compuserve.com dds.nl delta.nl deltanet.nl duck.com edpnet.be euronet.nl fastmail.com filternet.nl free.fr
    freedom.nl freeler.nl freenet.de glasoperator.nl gmail.com gmx.be gmx.com gmx.de gmx.net gmx.nl
    googlemail.com hccnet.nl hetnet.nl hey.com home.com home.nl hotmail.be hotmail.co.uk hotmail.com hotmail.de
    hotmail.fr hotmail.nl hushmail.com icloud.com inbox.com kabelfoon.nl kliksafe.nl kpnmail.nl kpnplanet.nl
    laposte.net lijbrandt.nl live.be live.co.uk live.com live.fr live.nl mac.com mail.com mail.ru mailbox.org
    me.com msn.com msn.nl multiweb.nl odido.nl online.nl onsbrabantnet.nl orange.fr orange.nl outlook.be
    outlook.com outlook.de outlook.fr outlook.nl pandora.be planet.nl pm.me posteo.de posteo.net proton.me
    protonmail.com proximus.be quicknet.nl rocketmail.com scarlet.be skynet.be solcon.nl t-mobilethuis.nl
    t-online.de tele2.nl telenet.be telfort.nl tiscali.nl tuta.com tuta.io tutanota.com upcmail.nl versatel.nl
    vodafone.nl vodafonethuis.nl voo.be wanadoo.fr wanadoo.nl web.de windowslive.com wxs.nl xmsnet.nl xs4all.nl
    yahoo.be yahoo.co.uk yahoo.com yahoo.de yahoo.fr yahoo.nl yandex.com ymail.com zeelandnet.nl ziggo.nl
    zoho.com zonnet.nl
    bluewin.ch centrum.cz disroot.org duckmail.com email.cz fastmail.fm freemail.hu gmx.at gmx.ch hispeed.ch hush.com
    interia.pl libero.it list.ru mail.de mailbox.be mailfence.com mozmail.com o2.pl onet.pl orange.be passmail.net
    privaterelay.appleid.com protonmail.ch relay.firefox.com riseup.net runbox.com seznam.cz sfr.fr simplelogin.com
    startmail.com tutamail.com tuta.de virgilio.it vivaldi.net wp.pl
    """.split()
)


# The big families have one for nearly every country; nobody can keep that list.
_FAMILIES = re.compile(
    r"(?:aol|gmail|gmx|googlemail|hotmail|icloud|live|msn|outlook|posteo|proton|protonmail|rocketmail|yahoo|yandex|ymail)"
    r"\.(?:(?:co|com)\.)?[a-z]{2,3}"
)


def organisation_domain(email: str) -> str:
    """The domain of an address when it stands for an organisation, else empty."""
    domain = mail_domain(email)
    return "" if domain in PUBLIC_MAIL_PROVIDERS or _FAMILIES.fullmatch(domain) else domain


def mail_domain(email: str) -> str:
    """The domain of an address, as memberships name it."""
    return email.rpartition("@")[2].lower()
