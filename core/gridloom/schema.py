"""One GraphQL schema for each set of plugins that a county has on."""

from collections import OrderedDict

from gridloom.behaviours.graphql import fields_for
from gridloom.cases.graphql import CaseMutations, CaseQueries
from gridloom.catalogue.graphql import CatalogueQueries
from gridloom.clocks.calendar_graphql import CalendarMutations, CalendarQueries
from gridloom.contract.host import PluginHost
from gridloom.descriptions import describe
from gridloom.dispatch.graphql import CaseSteps, DispatchMutations
from gridloom.dispatch.types import CaseDispatch, DispatchQueries
from gridloom.feed.graphql import FeedQueries, FeedSubscription
from gridloom.files.graphql import AttachmentFile, CaseFiles, TimelineEntryFiles
from gridloom.grid.graphql import GridQueries, PostGrid
from gridloom.http.run import graphql_schema
from gridloom.insight.graphql import GridOpen, InsightQueries
from gridloom.people.graphql import PeopleQueries
from gridloom.reads import ComposedSchema, compose

KEPT_SETS = 32

QUERIES = (
    PeopleQueries, GridQueries, CatalogueQueries, CalendarQueries, CaseQueries, DispatchQueries, FeedQueries, InsightQueries,
)
MUTATIONS = (DispatchMutations, CaseMutations, CalendarMutations)
EXTENSIONS = (PostGrid, GridOpen, CaseDispatch, CaseSteps, AttachmentFile, TimelineEntryFiles, CaseFiles)


class Schemas:
    """The schemas of one process, at most 32 plugin sets, the least used dropped first."""

    def __init__(self, host: PluginHost) -> None:
        self._host = host
        self._kept: OrderedDict[frozenset[str], ComposedSchema] = OrderedDict()

    def of(self, enabled: frozenset[str]) -> ComposedSchema:
        """The schema of a plugin set; plugins that are not installed add nothing."""
        installed = enabled & frozenset(self._host.mechanisms)
        kept = self._kept.get(installed)
        if kept is None:
            kept = self._kept[installed] = schema_for(self._host, installed)
            while len(self._kept) > KEPT_SETS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(installed)
        return kept


def schema_for(host: PluginHost, enabled: frozenset[str]) -> ComposedSchema:
    """Compose core and the enabled plugins into one schema."""
    fields = fields_for(host, enabled)
    schema = compose(
        queries=[*QUERIES, *fields.queries],
        mutations=[*MUTATIONS, *fields.mutations],
        subscriptions=[FeedSubscription],
        extensions=[*EXTENSIONS, *fields.extensions],
        types=list(fields.types),
    )
    describe(graphql_schema(schema))
    return schema
