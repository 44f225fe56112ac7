"""Values to HTML fragments; every text of a study is escaped on the way."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the templates of this package: escaping always on, unknown names refused."""
    return Environment(
        loader=PackageLoader("workbench.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def render(name: str, **values: object) -> str:
    """Return the fragment `name` (a file in templates/, without its ending)."""
    return environment().get_template(f"{name}.html").render(**values)
