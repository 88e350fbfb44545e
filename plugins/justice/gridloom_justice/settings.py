"""What a county may set for the justice bureau's mechanism."""

from pydantic import Field

from gridloom.plugin import Form


class JusticeSettings(Form):
    """Days are calendar days."""

    shortest_term: int = Field(365, title="调解员聘期最短天数", ge=30, le=1830)
