"""Typing errors in the domain of an address: the slips that people make, and the real domains that are left alone."""

from __future__ import annotations

import random
import string
from functools import cache

import pytest

from chalicelib.domain.mail_domain import PUBLIC_MAIL_PROVIDERS
from chalicelib.domain.mail_typo import meant_domain, one_slip

SLIPS = {
    "gmail.com": """
        gmial.com gamil.com gmal.com gmil.com gmai.com gmaill.com gmaul.com gnail.com ggmail.com mgail.com gmaiil.com
        gmali.com gmsil.com gmaio.com gmailcom gmail.con gmail.cm gmail.co gmail.om gmail.cmo gmail.comm gmail.vom
        gmail.xom gmail.cpm gmail.ocm gmail.nl gmail.be gmail,com gmail.com. gmail..com gmail.com, gmail. gmial.con
        www.gmail.com gmail.c0m gmail.coml""",
    "googlemail.com": "googlmail.com googelmail.com googlemail.nl",
    "hotmail.com": """
        hotmial.com hotmal.com hotmil.com hotmai.com hotamil.com hormail.com htomail.com otmail.com hotmaill.com
        hotmail.con hotmail.co hotmail.cm hotnail.com homail.com hotmailcom hotmall.com""",
    "hotmail.nl": "hotmial.nl hotmal.nl homtail.nl hotmail.nll hotmail.n hotmail.nk hotmailnl",
    "hotmail.be": "hotmial.be hotmail.eb",
    "outlook.com": """
        outlok.com outloook.com oulook.com otulook.com outllook.com outlook.con outlook.co
        utlook.com outlokk.com""",
    "outlook.nl": "outlok.nl outlook.nll",
    "live.nl": "live.nll live.n livenl live,nl live.nk",
    "live.com": "live.con live.co",
    "msn.com": "msn.con msn.cm",
    "icloud.com": "iclod.com iclould.com icoud.com icluod.com icloud.con icloud.nl",
    "yahoo.com": "yaho.com yhaoo.com yahooo.com yahoo.con yahoo.cm yaoo.com",
    "ziggo.nl": "ziggo.n ziggo.nll zigggo.nl zgigo.nl zigog.nl iggo.nl ziggo.com ziggo,nl",
    "kpnmail.nl": "kpnmail.nll kpnmial.nl kpmail.nl knpmail.nl kpnmail.com",
    "planet.nl": "planet.nll planet.nk planetnl",
    "home.nl": "home.nll home.n",
    "xs4all.nl": "xs4al.nl sx4all.nl xs4all.nll",
    "upcmail.nl": "upcmial.nl ucpmail.nl",
    "telenet.be": "telnet.be telenet.bee",
    # whose it is does not matter for the ending, nor for a sign that slipped in
    "gemeente-utrecht.nl": "gemeente-utrecht.nl, gemeente-utrecht.nll gemeente-utrecht.n gemeente-utrecht,nl",
    "amsterdam.nl": "amsterdam.nl. amsterdam..nl www.amsterdam.nl amsterdam.nl; AMSTERDAM.NLL",
    "buurtwerk.org": "buurtwerk.ogr buurtwerk.orgg",
    "mail.voorbeeldstad.nl": "mail.voorbeeldstad.nll",
}
MUNICIPALITIES = """
    aaenhunze aalsmeer aalten achtkarspelen alblasserdam albrandswaard alkmaar almelo almere alphenaandenrijn
    alphen-chaam altena ameland amersfoort amstelveen amsterdam apeldoorn arnhem assen asten baarle-nassau baarn
    barendrecht barneveld beek beekdaelen beesel bergendal bergeijk bergen bergen-nh bergenopzoom berkelland bernheze
    best beuningen beverwijk bladel blaricum bloemendaal bodegraven-reeuwijk boekel borger-odoorn borne borsele boxtel
    breda bronckhorst brummen brunssum bunnik bunschoten buren capelleaandenijssel castricum coevorden cranendonck
    culemborg dalfsen dantumadiel debilt dijkenwaard deventer diemen dinkelland doesburg doetinchem dongen dordrecht
    drechterland drimmelen dronten druten duiven echt-susteren edam-volendam ede eemnes eemsdelta eersel
    eijsden-margraten eindhoven elburg emmen enkhuizen enschede epe ermelo etten-leur defryskemarren geertruidenberg
    geldrop-mierlo gemert-bakel gennep gilzerijen goeree-overflakkee goes goirle gooisemeren gorinchem gouda groningen
    gulpen-wittem haaksbergen haarlem haarlemmermeer halderberge hardenberg harderwijk hardinxveld-giessendam
    harlingen hattem heemskerk heemstede heerde heerenveen heerlen heeze-leende heiloo hellendoorn helmond
    hendrik-ido-ambacht hengelo hetbildt heumen heusden hillegom hilvarenbeek hilversum hoekschewaard hofvantwente
    hollandskroon hoogeveen hoorn horstaandemaas houten huizen hulst ijsselstein kaagenbraassem kampen kapelle katwijk
    kerkrade koggenland krimpenaandenijssel krimpenerwaard laarbeek landgraaf landsmeer landvancuijk lansingerland
    laren leeuwarden leiden leiderdorp leidschendam-voorburg lelystad leudal leusden lingewaard lisse lochem
    loonopzand lopik losser maasdriel maasgouw maashorst maastricht medemblik meerssen meierijstad meppel middelburg
    middendelfland midden-drenthe midden-groningen moerdijk molenlanden montferland montfoort mook-middelaar
    neder-betuwe nederweert nieuwegein nieuwkoop nijkerk nijmegen nissewaard noardeast-fryslan noordenveld
    noordoostpolder noordwijk nuenen nunspeet oegstgeest oirschot oisterwijk oldambt oldebroek oldenzaal olst-wijhe
    ommen oostgelre oosterhout ooststellingwerf oostzaan opmeer opsterland oss oude-ijsselstreek ouder-amstel
    oudewater overbetuwe papendrecht peelenmaas pekela pijnacker-nootdorp purmerend putten raalte reimerswaal renkum
    renswoude reuseldemierden rheden rhenen ridderkerk rijssen-holten rijswijk roerdalen roermond roosendaal rotterdam
    rozendaal rucphen schagen scherpenzeel schiedam schiermonnikoog schouwen-duiveland s-hertogenbosch simpelveld
    sint-michielsgestel sittard-geleen sliedrecht sluis smallingerland soest someren son-breugel stadskanaal staphorst
    stedebroec steenbergen steenwijkerland stein stichtsevecht sudwestfryslan terneuzen terschelling texel teylingen
    tholen tiel tilburg tubbergen twenterand tynaarlo tytsjerksteradiel uitgeest uithoorn urk utrecht
    utrechtseheuvelrug vaals valkenburg valkenswaard veendam veenendaal veere veldhoven velsen venlo venray
    vijfheerenlanden vlaardingen vlieland vlissingen voerendaal voorneaanzee voorschoten voorst vught waadhoeke waalre
    waalwijk waddinxveen wageningen wassenaar waterland weert westbetuwe westmaasenwaal westerkwartier westerveld
    westervoort westerwolde westland weststellingwerf wierden wijchen wijdemeren wijkbijduurstede winterswijk
    woensdrecht woerden wormerland woudenberg zaanstad zaltbommel zandvoort zeewolde zeist zevenaar zoetermeer
    zoeterwoude zuidplas zundert zutphen zwartewaterland zwijndrecht zwolle
""".split()
# Housing, welfare, education, care, councils, consultants; and names that come near a provider's.
OTHERS = """
    denhaag.nl vng.nl rijksoverheid.nl minbzk.nl minvws.nl ipo.nl provincie-utrecht.nl gelderland.nl overijssel.nl
    noord-holland.nl pzh.nl brabant.nl limburg.nl fryslan.frl drenthe.nl zeeland.nl flevoland.nl waterschaplimburg.nl
    ggdghor.nl ggd.amsterdam.nl vrk.nl movisie.nl platform31.nl lpb.nl lvkk.nl lsabewoners.nl kansfonds.nl
    oranjefonds.nl vsbfonds.nl rabobank.nl ing.nl ymere.nl eigenhaard.nl de-alliantie.nl portaal.nl vestia.nl
    woonstadrotterdam.nl mitros.nl woonin.nl staedion.nl haagwonen.nl talis.nl vivare.nl domijn.nl dewoonplaats.nl
    lefier.nl nijestee.nl actium.nl thuisvester.nl tiwos.nl woonbedrijf.com trudo.nl zayaz.nl bazalt.nl
    wonenlimburg.nl heemwonen.nl dynamo-amsterdam.nl combiwel.nl civic-amsterdam.nl doras.nl dock.nl dockrotterdam.nl
    sezo.nl tintengroep.nl welzijnwonenplus.nl humanitas.nl legerdesheils.nl rodekruis.nl leger.nl cordaan.nl
    pluryn.nl lister.nl kwintes.nl lumensgroep.nl lumens.nl contourdetwern.nl surplus.nl farent.nl welzijndenbosch.nl
    wij-groningen.nl sociaalwerkbaarn.nl sociaalwerknederland.nl versawelzijn.nl incluzio.nl radarvertige.nl
    stichtingalerta.nl mee.nl buurtzorgnederland.com buurtteamsutrecht.nl buurtteamamsterdam.nl buurtwerk.nl xtra.nl
    vosabb.nl hva.nl uva.nl vu.nl uu.nl hu.nl han.nl fontys.nl saxion.nl hr.nl eur.nl tudelft.nl tue.nl wur.nl ru.nl
    rug.nl hanze.nl zuyd.nl nhlstenden.com windesheim.nl avans.nl inholland.nl aedes.nl nji.nl trimbos.nl vilans.nl
    zonmw.nl scp.nl cbs.nl kvk.nl nederland.nl significant.nl berenschot.nl twynstragudde.nl
    andersson-elffers-felix.nl kpmg.nl pwc.com deloitte.nl ey.com bmc.nl atos.net centric.eu pinkroccade.nl
    planplan.nl planeet.nl plant.nl plannet.nl planit.nl hallo.nl hello.nl cello.nl hetnest.nl hetnut.nl het-net.nl
    life.nl olive.nl lives.nl rome.nl homes.nl thuis.nl ziggy.nl zigzag.nl zingo.nl cloud.com ecloud.com biggo.nl
    mail.com email.com grail.com outlet.com lookout.com outdoor.nl yolo.com tahoe.com gmx.net gmx.com ymail.com
    hotel.nl hotels.nl hotelmail.nl kpn.com kpn.nl vodafoneziggo.com upc.nl telenor.com quickstep.nl skynet.be
    zeelandia.nl zeelandnatuur.nl casa.nl cinema.nl mailbox.org mail.nl emailing.nl proton.me protonmail.ch live.be
    live.fr hotmail.fr hotmail.de hotmail.it hotmail.no outlook.fr outlook.de outlook.pt yahoo.fr yahoo.co.uk
    hotmail.co.uk msn.nl icloud.example.org dorpshuis.frl stad.amsterdam bewoners.amsterdam buurt.nu wijk.info ons.eu
    co.nl com.nl cm.nl nl.nl comm.nl con.nl www.nl wwwijk.nl example.co example.cm example.om example.no example.ml
""".split()
DOMAINS = [
    *(f"{name}.nl" for name in MUNICIPALITIES),
    *(f"gemeente-{name}.nl" for name in MUNICIPALITIES[::3]),
    *(f"gemeente{name}.nl" for name in MUNICIPALITIES[1::3]),
    *(f"welzijn{name}.nl" for name in MUNICIPALITIES[2::3]),
    *OTHERS,
]


@pytest.mark.parametrize(
    ("typed", "meant"), [(typed, meant) for meant, slips in SLIPS.items() for typed in slips.split()]
)
def test_a_slip_is_seen_and_what_is_suggested_stands(typed: str, meant: str) -> None:
    assert meant_domain(typed) == meant
    assert meant_domain(meant) == ""


def test_organisations_are_left_alone() -> None:
    assert len(set(MUNICIPALITIES)) >= 300
    assert len(DOMAINS) == len(set(DOMAINS)) >= 800
    assert {domain: meant for domain in DOMAINS if (meant := meant_domain(domain))} == {}


def test_providers_are_left_alone() -> None:
    assert [domain for domain in sorted(PUBLIC_MAIL_PROVIDERS) if meant_domain(domain)] == []


@pytest.mark.parametrize(
    "domain", ["", ".", "..", ",", "nl", "com", "-", "@", "www.", "localhost", "gemeente", "a" * 300]
)
def test_what_is_no_domain_is_no_slip(domain: str) -> None:
    assert meant_domain(domain) in ("", domain.strip(".,"))


def test_one_slip_is_a_distance_of_one() -> None:
    """Against the distance by its definition, over words that are near each other."""
    chance, words = random.Random(5), ["gmail", "outlook", "yahoo", "ziggo", "aab", "aaa", ""]
    near = [(word, _slipped(word, chance, times=chance.randint(0, 2))) for word in words for _ in range(400)]
    for typed, meant in near:
        assert one_slip(typed, meant) == (_distance(typed, meant) == 1), (typed, meant)
    assert {one_slip(typed, meant) for typed, meant in near} == {True, False}


def _slipped(word: str, chance: random.Random, *, times: int) -> str:
    for _ in range(times):
        place, letter = chance.randint(0, len(word)), chance.choice(string.ascii_lowercase[:6])
        head, tail = word[:place], word[place:]
        swapped = head + tail[:2][::-1] + tail[2:]
        word = chance.choice([head + letter + tail, head + tail[1:], head + letter + tail[1:], swapped])
    return word


@cache
def _distance(one: str, other: str) -> int:
    """Damerau and Levenshtein's, of which each letter takes part in one slip."""
    if not one or not other:
        return len(one) + len(other)
    found = min(
        _distance(one[1:], other) + 1,
        _distance(one, other[1:]) + 1,
        _distance(one[1:], other[1:]) + (one[0] != other[0]),
    )
    if len(one) > 1 and one[:2] == other[1::-1]:
        found = min(found, _distance(one[2:], other[2:]) + 1)
    return found
