"""Where the files that ship beside the code are found.

An installed wheel holds them in `workbench/_bundled`; a checkout holds them at its root. This is
the only module that knows the difference.
"""

from pathlib import Path

from workbench.errors import require

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
FOLDERS = ("datasets", "notebooks")
STUDY_VARIABLE = "WORKBENCH_STUDY"  # the path of the study that pages show instead of the example


def bundled(folder: str) -> Path:
    """Return the shipped folder "datasets" or "notebooks".

    Raises
    ------
    WorkbenchError
        if `folder` is no shipped folder, or the installation lost it

    """
    require(
        folder in FOLDERS,
        f"a shipped folder is one of {', '.join(FOLDERS)}",
        got=folder,
        fix="Name one of them.",
    )
    places = [PACKAGE / "_bundled" / folder]
    if (CHECKOUT / "pyproject.toml").is_file():
        places.append(CHECKOUT / folder)
    found = next((place for place in places if place.is_dir()), None)
    require(
        found is not None,
        f"the folder {folder} ships with the workbench",
        got=[str(place) for place in places],
        fix="Install risk-workbench again, or use a full checkout.",
    )
    assert found is not None
    return found


def quiz() -> Path:
    """Return the shipped calibration quiz."""
    return bundled("datasets") / "quiz" / "questions.json"


def example_study() -> Path:
    """Return the shipped example: the AI systems of a mid-size lender."""
    return bundled("datasets") / "studies" / "ai-lender" / "study.yaml"
