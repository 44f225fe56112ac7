"""The shape of a study file, as pydantic models: types and ranges of every field by itself."""
