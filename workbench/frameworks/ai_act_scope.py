"""Whether the EU AI Act reaches a system, and who is who under it."""

from workbench.frameworks.ai_act import ROLES, Act, Answers, Tier

EXCLUSIONS = {  # what is said of a system -> the paragraph of Art. 2 that takes it out of the Act
    "exclusively_military": "2(3)",
    "third_country_authority": "2(4)",
    "research_only": "2(6)",
    "before_market": "2(8)",
}
NARROW = (
    "An exclusion of Art. 2 reaches as far as its words: any other use, a test under real "
    "conditions or a place on the market brings the system under the Act."
)


def excluded(answers: Answers, act: Act) -> Tier | None:
    """Return why the Act does not reach a system, whatever it does; None where it does.

    A free licence is no reason by itself: it takes out what is in no tier (Art. 2(12)).
    """
    if not answers.in_union:
        return Tier("outside", ("2(1)",), "not placed on the Union's market, nor used there")
    for name, paragraph in EXCLUSIONS.items():
        if getattr(answers, name):
            return outside(paragraph, act)
    if answers.personal_use and answers.roles() == ("deployer",):
        return outside("2(10)", act)
    return None


def outside(paragraph: str, act: Act) -> Tier:
    """Return the tier of what a paragraph of Art. 2 takes out of the Act."""
    one = act.exclusions[paragraph]
    return Tier("outside", (paragraph,), one.what, one.certainty)


def roles_of(answers: Answers, *, is_high: bool) -> tuple[str, ...]:
    """Return whose duties somebody has.

    Who puts his name on a high-risk system, modifies it substantially or changes the purpose of a
    system so that it becomes one is its provider (Art. 25(1)); of other systems nobody becomes the
    provider in this way. Who uses a system as a private person has no duties of a deployer
    (Art. 2(10)).
    """
    stated = set(answers.roles())
    if is_high and answers.takes_over():
        stated.add("provider")
    if answers.personal_use:
        stated.discard("deployer")
    return tuple(role for role in ROLES if role in stated)
