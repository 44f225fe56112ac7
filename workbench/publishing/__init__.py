"""A dashboard as files: no kernel, no server, no outside request."""

from workbench.publishing.folder import check_folder, save_folder
from workbench.publishing.page import Copy, published_files

__all__ = ["Copy", "check_folder", "published_files", "save_folder"]
