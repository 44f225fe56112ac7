"""The shipped catalogues, and files of the same form, read as strictly as a study."""
