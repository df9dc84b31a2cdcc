"""One made-up person whom a test can look for wherever personal data must not be.

The number is computed with a right check digit and is not on the official test list.
"""

GIVEN_NAMES = "Kanariefågel Tillandsia"
SURNAME = "Zetterqvarn-Övralund"
NUMBER = "198404179023"
BIRTH_DATE = "1984-04-17"
STREET = "Gruvfågelstigen 4711"
PHONE = "0799-471147"

#: What must not be found, in the forms in which the systems write it.
TRACES = (
    "Kanariefågel",
    "KANARIEFÅGEL",
    "Zetterqvarn",
    "ZETTERQVARN",
    NUMBER,
    NUMBER[2:],
    f"{NUMBER[2:8]}-{NUMBER[8:]}",
    "Gruvfågelstigen",
    "GRUVFÅGELSTIGEN",
    PHONE,
    PHONE.replace("-", ""),
)
