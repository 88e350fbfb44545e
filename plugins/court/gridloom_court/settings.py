"""What a county may set for the court's mechanism."""

from pydantic import Field

from gridloom.plugin import Form


class CourtSettings(Form):
    """Days are calendar days."""

    longest_extension: int = Field(30, title="调解延长最长天数", ge=1, le=60)
    notice_days: int = Field(3, title="巡回审判提前公告天数", ge=0, le=30)
