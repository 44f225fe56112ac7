"""The names of the kinds that a register keeps, for those who only list and show them."""

from workbench.errors import looked_up

STUDY, SCENARIO, ASSET, APPETITE, RUN = "study", "scenario", "asset", "appetite", "run"
SUBJECT = "subject"  # of lineage
PARTS = (SCENARIO, ASSET, APPETITE)  # of a study: their ids begin with the study's
IN_A_STUDY = "/"  # between a study's id and that of its part
VALUES = (
    "system",
    "threat",
    "assessment",
    "evidence",
    "link",
    "safeguard",
    "statement",
    "answers",
    "treatment",
    SUBJECT,
    "sign-off",
)
NAMES = (STUDY, *PARTS, RUN, *VALUES)


def check_kind(kind: str) -> None:
    """Refuse a kind that no register has; the nearest ones are named."""
    looked_up({one: one for one in NAMES}, kind, "a kind is known")
