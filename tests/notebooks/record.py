"""Execute a notebook and keep only what does not vary, for a person to save or a test to compare.

python tests/notebooks/record.py            every notebook, saved in place
python tests/notebooks/record.py PATH ...   these
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # holds an id that is new in every run
SECONDS = 300


def executed(path: Path) -> nbformat.NotebookNode:
    """Return the notebook at `path` with fresh outputs, cleaned of what varies."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        resources=where,
        coalesce_streams=True,  # a kernel sends what slow lines print in as many parts as it likes
    )
    client.execute()
    return cleaned(notebook)


def cleaned(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Remove widget views, times and ids; what is left is the same in every run."""
    title = notebook.metadata.get("title")
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        | ({"title": title} if title else {})
    )
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict({})
        if "NBVAL_IGNORE_OUTPUT" in cell.source:
            cell.outputs = []  # it is shown and not compared
        for output in cell.get("outputs", []):
            clean_output(output)
    return notebook


def clean_output(output: nbformat.NotebookNode) -> None:
    """Remove one output's view of a widget; the widget's text stays."""
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)
        output.metadata = nbformat.from_dict({})


def notebooks() -> list[Path]:
    """Return every shipped notebook."""
    return [p for p in sorted(NOTEBOOKS.rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts]


if __name__ == "__main__":
    for chosen in [Path(name) for name in sys.argv[1:]] or notebooks():
        nbformat.write(executed(chosen), chosen)
        sys.stdout.write(f"{chosen}\n")
