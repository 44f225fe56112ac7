"""Put HTML fragments and widgets into the page's components."""

import ipywidgets

TEXT = '<div class="mathjax_ignore" style="display: contents">{}</div>'


def box(classes: str, *children: str | ipywidgets.Widget) -> ipywidgets.Box:
    """Return a container with CSS classes, such as "card", "split", "row" or "whatif".

    A text is an HTML fragment and must be escaped already, as reports' fragments are; its top
    elements become direct children of the container, so a fragment that is to be one column of a
    "split" needs one element around it. Amounts such as $2M stay text: JupyterLab would take what
    stands between two dollar signs for a formula.
    """
    parts = [ipywidgets.HTML(TEXT.format(c)) if isinstance(c, str) else c for c in children]
    container = ipywidgets.Box(parts)
    for name in ("wb-box", *classes.split()):
        container.add_class(name)
    return container
