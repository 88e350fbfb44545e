"""What a plugin's own tests are written with: questions without a database, and a county of their own with one."""

from gridloom.contract.check import Finding, check
from gridloom.contract.host import PluginHost
from gridloom.testing.county import START, Member, Trial, TrialCounty, Turned
from gridloom.testing.questions import ask, outcome

__all__ = ["START", "Finding", "Member", "PluginHost", "Trial", "TrialCounty", "Turned", "ask", "check", "outcome"]
