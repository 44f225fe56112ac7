"""A dashboard as files: no kernel, no server, no outside request.

The names below arrive on first use (PEP 562): a server takes its scripts from here, and draws
nothing before a page is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.publishing.folder import check_folder, save_folder
    from workbench.publishing.page import NAMES, Copy, as_of, published_files

_HOMES = {
    "NAMES": "page",
    "Copy": "page",
    "as_of": "page",
    "check_folder": "folder",
    "published_files": "page",
    "save_folder": "folder",
}
__all__ = ["NAMES", "Copy", "as_of", "check_folder", "published_files", "save_folder"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
