"""司法“四对接四联动”: dockings with four organs, mediation of every kind, mediation bodies, legal aid, reconsideration."""

from pathlib import Path

from gridloom.plugin import Mechanism, hookimpl
from gridloom_justice import bodies, docks, mediations, requests
from gridloom_justice.settings import JusticeSettings


@hookimpl
def declare_mechanism() -> Mechanism:
    return Mechanism(
        key="justice",
        title="司法“四对接四联动”",
        title_en="Justice: four dockings, four linked ways of mediation",
        department="SF",
        elements=(*docks.ELEMENTS, *mediations.ELEMENTS, *bodies.ELEMENTS, *requests.ELEMENTS),
        settings=JusticeSettings,
        locale=Path(__file__).parent / "locale",
    )
