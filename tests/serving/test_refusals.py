"""What a viewer reads when there is no page: too many viewers, a failed cell."""

import nbformat


def test_one_viewer_too_many_is_told_so_and_starts_nothing(small_page, tmp_path, launch):
    running = launch(small_page, tmp_path / "log", pool=0, most=1)
    path = "/voila/render/small.ipynb"
    assert running.get(path)[0] == 200
    status, text = running.get(path)
    assert status == 503
    assert "Too many viewers at once" in text
    assert "<title>" in text
    assert "kernelId" not in text


def test_a_cell_that_fails_ends_the_page_with_words_and_shows_no_source(tmp_path, launch):
    folder = tmp_path / "pages"
    folder.mkdir()
    sources = [
        "from workbench.errors import WorkbenchError\nraise WorkbenchError('<b>too</b> many')",
        "'never reached'",
    ]
    page = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(page, folder / "failing.ipynb")
    running = launch(folder, tmp_path / "log", pool=0)
    status, text = running.get("/voila/render/failing.ipynb")
    assert status == 200, "the head of the page was on its way already"
    assert "could not be computed" in text
    assert "many" in text
    assert "<b>too" not in text
    assert "never reached" not in text
    assert "raise WorkbenchError" not in text
    assert "Traceback" not in text
    assert "WorkbenchError" in running.logged()
