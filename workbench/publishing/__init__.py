"""A dashboard as files: no kernel, no server, no outside request."""

from workbench.publishing.folder import check_folder, save_folder
from workbench.publishing.page import NAMES, Copy, as_of, published_files

__all__ = ["NAMES", "Copy", "as_of", "check_folder", "published_files", "save_folder"]
