"""The one error that the workbench raises, and the one way to phrase it."""


class WorkbenchError(ValueError):
    """An input that the models cannot accept; the message says the rule, the value, the remedy."""


def require(ok: bool, rule: str, *, got: object, fix: str) -> None:
    """Raise unless `ok`.

    Parameters
    ----------
    ok : the condition that must hold
    rule : the rule, as a sentence without a full stop
    got : the value that broke it
    fix : the remedy, a sentence

    Raises
    ------
    WorkbenchError
        "rule; got value. fix"

    """
    if not ok:
        raise WorkbenchError(f"{rule}; got {got!r}. {fix}")
