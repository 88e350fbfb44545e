"""Every table of core, imported for migrations and the catalogue gate."""

from gridloom import outbox
from gridloom.access import models as access_models
from gridloom.audit import models as audit_models
from gridloom.behaviours import models as behaviour_models
from gridloom.cases import models as case_models
from gridloom.catalogue import models as catalogue_models
from gridloom.clocks import models as clock_models
from gridloom.db import Base
from gridloom.dispatch import models as dispatch_models
from gridloom.feed import models as feed_models
from gridloom.files import models as file_models
from gridloom.grid import models as grid_models
from gridloom.insight import models as insight_models
from gridloom.people import models as people_models
from gridloom.tenancy import models as tenancy_models

MODULES = (
    outbox, audit_models, tenancy_models, people_models, access_models, grid_models, catalogue_models, clock_models,
    case_models, dispatch_models, file_models, behaviour_models, feed_models, insight_models,
)
metadata = Base.metadata
