"""Modules become classic scripts, data in scripts stays data."""

import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.publishing.page import MODULES, _widgets, page_script
from workbench.publishing.scripts import classic, inline_styles, json_text, source_hash
from workbench_widgets import Chart, Choice, Slider


@pytest.mark.parametrize(
    ("module", "inside"),
    [
        ("export default { render };", "const exported = { render };"),
        ("export function a() {}\nexport default a;", "\nfunction a() {}\n"),
        ("export const a = 1;\nexport default a;", "\nconst a = 1;\n"),
        ("const a = 1;\nexport { a };\nexport default a;", "\nconst a = 1;\n"),
    ],
)
def test_exports_are_taken_off(module, inside):
    assert inside in classic(module, "a.js")
    assert "export " not in classic(module, "a.js")


@pytest.mark.parametrize(
    "module",
    [
        "export const a = 1;",
        "import a from 'b';\nexport default a;",
        "const a = await import('b');\nexport default a;",
        "export default import.meta.url;",
        "export * from 'b';\nexport default 1;",
        "export default 1;\nexport default 2;",
    ],
)
def test_a_module_that_cannot_be_wrapped_is_refused(module):
    with pytest.raises(WorkbenchError, match=r"a\.js is a module without imports"):
        classic(module, "a.js")


@pytest.mark.parametrize(
    ("name", "widget"), [("chart", Chart), ("slider", Slider), ("choice", Choice)]
)
def test_a_published_module_is_the_text_of_the_live_widget(name, widget):
    joined = "\n".join((_widgets() / part).read_text(encoding="utf-8") for part in MODULES[name])
    assert str(widget._esm) == joined


def test_the_page_script_is_one_classic_script(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine to read JavaScript with")
    file = tmp_path / "page.cjs"
    file.write_text(page_script(), encoding="utf-8")
    subprocess.run([node, "--check", str(file)], check=True, capture_output=True)


@given(st.text() | st.lists(st.text(alphabet="</script>!-&\u2028\u2029'\"\\a")))
def test_data_in_a_script_reads_back_and_ends_nothing(value):
    text = json_text(value)
    assert json.loads(text) == value
    assert not set(text) & set("<>&\u2028\u2029")


def test_the_hash_of_a_known_text():
    # of the empty text, as the specification of the policy has it for an empty element
    assert source_hash("") == "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"


def test_style_sheets_within_a_script_are_found():
    script = (
        r"""a.textContent='b{c:url("d")}',e.textContent='no sheet';f.textContent='g{h:\'i\'}'"""
    )
    assert inline_styles(script) == ['b{c:url("d")}', "g{h:'i'}"]
