"""The columns of lists of people, as ticket shops and spreadsheets name them in four languages.

A heading is compared in lower case, without accents, spaces and punctuation: `E-Mail` is `email`.
"""

from functools import lru_cache

from confbox.kit.search import folded


def _words(text: str) -> list[str]:
    return text.split()


# Of several such columns, the first in this list that the row fills is used: attendees before buyers.
EMAIL = _words(
    """
    attendeeemail attendeeemailaddress ticketemail participantemail participantemailaddress teilnehmeremail
    emailteilnehmer emailadressedesteilnehmers emaildesteilnehmers emailduparticipant
    adresseemailduparticipant emaildelparticipante emaildelasistente correoelectronicodelasistente email
    emailaddress emails mail mailaddress emailadresse mailadresse adresseemail adressemail adressedemail
    adressedecourriel courriel adresseelectronique correo correoelectronico direcciondecorreo
    direcciondecorreoelectronico direcciondeemail contactemail kontaktemail
    """
)
EMAIL_OF_BUYER = _words(
    """
    orderemail buyeremail purchaseremail payeremail customeremail registrationemail bestelleremail
    emailderbestellung kundenemail emaildelacheteur emaildelcomprador
    """
)
FULL_NAME = _words(
    """
    attendeename ticketfullname fullname participantname attendeefullname displayname teilnehmername
    namedesteilnehmers vollstandigername vorundnachname anzeigename nomcomplet nometprenom prenometnom
    nomduparticipant nombrecompleto nombreyapellidos nombredelasistente nombredelparticipante
    """
)
FIRST_NAME = _words(
    """
    firstname givenname forename ticketfirstname attendeefirstname attendeenamegivenname vorname prenom
    nombre nombres nombredepila
    """
)
LAST_NAME = _words(
    """
    lastname surname familyname ticketlastname attendeelastname attendeenamefamilyname nachname zuname
    familienname nomdefamille apellido apellidos
    """
)
# The whole name if it is the only name column, the family name next to a column of first names.
NAME = ["name", "nom"]
NAME_OF_BUYER = _words(
    """
    ordername buyername registrationname purchasername customername
    """
)
REFERENCE = _words(
    """
    ticketreference ticketid ticketnumber ticketno ticketnr ticketcode ticketnummer billet numerodebillet
    numerodubillet entrada numerodeentrada mitgliedsnummer mitgliedsnr membershipnumber membershipid
    memberid memberno numerodemembre numerodesocio numerodadherent ordercode ordernumber orderid orderno
    orderreference order bestellnummer bestellnr bestellcode bestellung auftragsnummer buchungsnummer
    commande numerodecommande codedecommande pedido numerodepedido codigodepedido reference ref referenz
    referenznummer referencia registrationid anmeldenummer attendee barcode ticket id
    """
)
# For a ticket shop that numbers the tickets of an order: together with the order's code, this identifies
# the ticket.
POSITION = _words(
    """
    positionid positionsid iddeposition iddelaposition iddeposicion
    """
)
STATUS = _words(
    """
    status attendeestatus orderstatus ticketstatus registrationstate registrationstatus voidstatus
    bestellstatus etat statut estado
    """
)
# Words for a ticket that is no longer valid. A column about nothing else contains yes or true.
VOID = _words(
    """
    canceled cancelled storniert abgesagt expired abgelaufen refunded erstattet notattending void voided
    deleted geloscht rejected abgelehnt withdrawn zuruckgezogen annule annulee annulees rembourse remboursee
    expire expiree cancelado cancelada anulado anulada reembolsado reembolsada caducado caducada expirado
    expirada rechazado rechazada removed entfernt retire retiree eliminado eliminada
    """
)
VOID_STATUS, YES = "voidstatus", {"true", "yes", "1", "void", "voided"}

EMAILS = [*EMAIL, *EMAIL_OF_BUYER]
NAMES = [*FULL_NAME, *FIRST_NAME, *LAST_NAME, *NAME, *NAME_OF_BUYER]
KNOWN = frozenset([*EMAILS, *NAMES, *REFERENCE, *POSITION, *STATUS])
LONGEST_HEADING = 60


@lru_cache(1000)
def heading(text: str) -> str:
    """The text in the form in which headings are compared."""
    letters = (folded(character) for character in text[:LONGEST_HEADING])
    return "".join(c for c in "".join(letters) if c.isalnum())


def is_heading(text: str) -> bool:
    return heading(text) in KNOWN


def is_header(cells: list[str]) -> bool:
    """Whether these cells name the columns of a table with email addresses."""
    return any(heading(cell) in EMAILS for cell in cells) and not any("@" in cell for cell in cells)


def rank_of(cells: list[str]) -> int:
    """Of several tables, the one with the lowest rank has the email addresses of the attendees."""
    return min((EMAILS.index(heading(c)) for c in cells if heading(c) in EMAILS), default=len(EMAILS))
