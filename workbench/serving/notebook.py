"""A notebook becomes a page: Voila's renderer, with our words where a cell fails."""

import html
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters.ansi import strip_ansi
from nbformat import from_dict
from voila.notebook_renderer import NotebookRenderer
from voila.utils import get_page_config

from workbench.resources import STUDY_VARIABLE

plain: Callable[[str], str] = strip_ansi
OUR_ERRORS = {"FileRefused", "WorkbenchError"}  # their words are made for readers
Kernel = Callable[[], Awaitable[Any]]


class Notebook(NotebookRenderer):
    """The rendering of one notebook. `fault` says why a cell failed, "" if none did."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.fault = ""
        self.assets = ""  # the address below which scripts are
        self._open_kernel: Kernel | None = None

    async def pieces(self, kernel_id: str, kernel: Kernel) -> AsyncIterator[str]:
        """Give the HTML piece by piece; the first ones come before there is a kernel."""
        self._open_kernel = kernel
        await self.initialize()
        self.resources["workbench_assets"] = self.assets
        async for piece, _ in self.generate_content_generator(kernel_id, None):
            yield piece

    async def _jinja_kernel_start(self, nb: Any, kernel_id: str, kernel_future: Any) -> Any:
        if self._open_kernel is not None:
            kernel_future = await self._open_kernel()
        return await super()._jinja_kernel_start(nb, kernel_id, kernel_future)

    async def _jinja_cell_generator(self, nb: Any, kernel_id: str) -> AsyncIterator[Any]:
        """Execute cell by cell; where one fails the page ends with a notice."""
        for number, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            try:
                done = await self.executor.execute_cell(cell, None, number, store_history=False)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as failure:
                self.fault = _said(failure)
                self.log.warning("%s: %s", self.notebook_path, plain(str(failure)))
                yield _notice(self.fault)
                break
            yield done
        await self._cleanup_resources()


def _said(failure: Exception) -> str:
    """Return what a viewer may read of a failure: our own refusals, no folder, nothing inside."""
    if isinstance(failure, CellExecutionError) and failure.ename in OUR_ERRORS:
        study = os.environ.get(STUDY_VARIABLE, "")
        beside = f"{Path(study).parent}{os.sep}" if study else "\0"
        return str(failure.evalue).replace(beside, "")
    return "The server's log says why."


def _notice(text: str) -> Any:
    """Return a cell whose output says that the page has no figures."""
    fragment = (
        '<section class="card notice" role="alert"><h2>These figures could not be computed</h2>'
        f'<pre class="faults">{html.escape(text)}</pre></section>'
    )
    shown = {"output_type": "display_data", "data": {"text/html": fragment}, "metadata": {}}
    cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [shown]}
    build: Any = from_dict
    return build(cell | {"execution_count": None})


class Notebooks:
    """Makes renderers for the notebooks that a Voila application serves."""

    def __init__(self, voila: Any) -> None:
        self._voila = voila
        self._assets = voila.base_url + voila.assets.address
        self._page_config: Any = None  # found on the disk once: extensions do not come and go

    def renderer(self, notebook: str) -> Notebook:
        """Return a renderer for one page of this notebook."""
        voila = self._voila
        if self._page_config is None:
            self._page_config = get_page_config(
                base_url=voila.base_url,
                settings=voila.app.settings,
                log=voila.log,
                voila_configuration=voila.voila_configuration,
            )
            self._page_config["fullStaticUrl"] = f"{self._assets}/voila"
            self._page_config["fullLabextensionsUrl"] = f"{self._assets}/labextensions"
        made = Notebook(
            voila_configuration=voila.voila_configuration,
            traitlet_config=voila.config,
            notebook_path=notebook,
            template_paths=voila.template_paths,
            config_manager=voila.config_manager,
            contents_manager=voila.contents_manager,
            base_url=voila.base_url,
            kernel_spec_manager=voila.kernel_spec_manager,
            page_config=self._page_config,
            mathjax_config=voila.mathjax_config,
            mathjax_url=voila.mathjax_url,
        )
        made.assets = self._assets
        return made
