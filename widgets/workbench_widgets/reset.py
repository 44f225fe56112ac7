"""A button that brings the sliders of a card back to today."""

import traitlets

from workbench_widgets.base import STATIC, OneWayWidget


class Reset(OneWayWidget):
    """A button that moves every slider in its card to its `today`, as a hand would.

    It says nothing to the kernel; the sliders that it moves do. Its name for those who do not see
    the card is `about`, which begins with `label`.
    """

    _esm = STATIC / "reset.js"

    label = traitlets.Unicode("Reset").tag(sync=True)
    about = traitlets.Unicode().tag(sync=True)
