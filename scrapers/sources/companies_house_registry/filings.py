"""What a British filing means, as one of the closed events of a register.

Form codes first, because they are stable; the words of the description where one form
serves several ends. No payload is read here.
"""

_FORMS = {
    "NEWINC": "registered",
    "AP01": "board_changed",
    "AP02": "board_changed",
    "TM01": "board_changed",
    "AP03": "management_changed",
    "AP04": "management_changed",
    "TM02": "management_changed",
    "288a": "board_changed",
    "288b": "board_changed",
    "AD01": "address_changed",
    "287": "address_changed",
    "CERTNM": "name_changed",
    "NM01": "name_changed",
    "NM04": "name_changed",
    "AUD": "auditor_changed",
    "AA": "accounts_filed",
    "AAMD": "accounts_filed",
    "CS01": "annual_statement",
    "AR01": "annual_statement",
    "363a": "annual_statement",
    "363s": "annual_statement",
    "SH01": "capital_increased",
    "88(2)": "capital_increased",
    "SH06": "capital_reduced",
    "SH19": "capital_reduced",
    "SH03": "capital_reduced",
    "SH02": "capital_changed",
    "PSC01": "ownership_changed",
    "PSC02": "ownership_changed",
    "PSC07": "ownership_changed",
    "MR01": "charge_registered",
    "395": "charge_registered",
    "MR04": "charge_satisfied",
    "403a": "charge_satisfied",
    "GAZ1": "dissolution_warning",
    "GAZ1(A)": "dissolution_decided",
    "DS01": "dissolution_decided",
    "GAZ2": "deletion",
    "GAZ2(A)": "deletion",
    "DISS40": "reversal",
    "AM01": "restructuring_opened",
    "CVA1": "restructuring_opened",
    "COCOMP": "bankruptcy_opened",
    "WU01": "bankruptcy_opened",
    "LIQ01": "dissolution_decided",
    "600": "bankruptcy_opened",
    "LIQ14": "bankruptcy_closed",
    "CERT10": "conversion_decided",
    "CERT5": "conversion_decided",
    "RP04": "correction",
    "RPCH01": "correction",
    "ANNOTATION": "correction",
}
_WORDS = (
    ("second-filing", "correction"),
    ("change-registered-office-address", "address_changed"),
    ("change-of-name", "name_changed"),
    ("appoint-person-director", "board_changed"),
    ("termination-director", "board_changed"),
    ("capital-allotment", "capital_increased"),
    ("capital-reduction", "capital_reduced"),
    ("capital-cancellation", "capital_reduced"),
    ("merger", "merger_decided"),
)


def event_of(form: str | None, description: str | None) -> str | None:
    """The event a filing stands for; None for what is not understood.

    A second filing of a form corrects the first and is no event of its own.
    """
    words = description or ""
    if words.startswith("second-filing"):
        return "correction"
    found = _FORMS.get(form or "")
    if found is not None:
        return found
    return next((event for part, event in _WORDS if part in words), None)
