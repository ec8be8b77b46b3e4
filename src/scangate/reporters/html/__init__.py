"""One HTML file with everything in it: to be opened from a pipeline's artifacts, mailed, printed and kept.

The page is worked out here (page.py and its parts: what is shown, and where a bar ends), and only set in type by the
templates. It asks no server for anything, and its policy forbids the browser to. docs/reports/html.md says more.
"""

from scangate.core.model import Report
from scangate.reporters import Screen


class Html:
    """What people look at: the verdict, why, what would mend it, everything that was found, everything not seen."""

    name = "html"
    summary = "one self-contained HTML page: charts, filters, evidence; needs no server and no network"

    def render(self, report: Report, screen: Screen) -> str:
        from scangate.reporters.html.page import page
        from scangate.reporters.html.typesetting import typeset

        del screen
        return typeset(page(report))
