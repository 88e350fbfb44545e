-- What PostGraphile is shown: views over the service's own tables, as somebody who uses PostGraphile with care would write them.
-- They run with the caller's rights (row-level security holds), say who sees what, and mask what is protected.
-- The caller's county, scopes and permissions come from settings of the transaction (pgSettings).
-- (The scopes in a subquery of their own, once a statement, made the planner read every case of the county: 12 s.)
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;

CREATE FUNCTION peer.tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('gridloom.tenant', true), '')::uuid;
CREATE FUNCTION peer.scopes() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
  RETURN current_setting('peer.scopes', true)::uuid[];
COMMENT ON FUNCTION peer.tenant() IS '@omit';
COMMENT ON FUNCTION peer.scopes() IS '@omit';

CREATE VIEW peer.organizations WITH (security_invoker) AS
  SELECT id, code, name FROM public.organization WHERE tenant_id = peer.tenant();
CREATE VIEW peer.staff WITH (security_invoker) AS
  SELECT id, name FROM public.staff WHERE tenant_id = peer.tenant();
CREATE VIEW peer.work_items WITH (security_invoker) AS
  SELECT id, code, name FROM public.work_item_version WHERE tenant_id = peer.tenant();
CREATE VIEW peer.grids WITH (security_invoker) AS
  SELECT id, code, name, level, path AS path_ids FROM public.grid WHERE tenant_id = peer.tenant();

CREATE VIEW peer.cases WITH (security_invoker) AS
  SELECT c.id, c.number, c.title, c.status, c.severity, c.reported_at, c.due_at,
    c.handled_at IS NULL AND c.ended_at IS NULL AND NOT c.paused AND c.due_at IS NOT NULL AND c.due_at < now() AS overdue,
    c.grid_id, c.item_version_id,
    CASE WHEN current_setting('peer.centre', true) = '1' OR NOT 'REPORTER' = ANY (c.protection) THEN c.reporter_id END AS reporter_id
  FROM public."case" c
  WHERE c.tenant_id = peer.tenant() AND EXISTS (
    SELECT FROM public.case_scope s WHERE s.tenant_id = c.tenant_id AND s.case_id = c.id
      AND s.scope_id = ANY (peer.scopes()) AND s.until IS NULL);

CREATE VIEW peer.assignments WITH (security_invoker) AS
  SELECT a.id, a.case_id, a.role, a.status, a.due_at, a.created_at, a.organization_id
  FROM public.assignment a
  WHERE a.tenant_id = peer.tenant() AND (a.visible OR current_setting('peer.centre', true) = '1') AND EXISTS (
    SELECT FROM public.case_scope s WHERE s.tenant_id = a.tenant_id AND s.case_id = a.case_id
      AND s.scope_id = ANY (peer.scopes()) AND s.until IS NULL);

CREATE VIEW peer.timeline WITH (security_invoker) AS
  SELECT t.id, t.case_id, t.at, t.step, t.staff_id
  FROM public.timeline_entry t
  WHERE t.tenant_id = peer.tenant() AND EXISTS (
    SELECT FROM public.case_scope s WHERE s.tenant_id = t.tenant_id AND s.case_id = t.case_id
      AND s.scope_id = ANY (peer.scopes()) AND s.until IS NULL);

COMMENT ON VIEW peer.organizations IS '@primaryKey id';
COMMENT ON VIEW peer.staff IS '@primaryKey id';
COMMENT ON VIEW peer.work_items IS '@primaryKey id';
COMMENT ON VIEW peer.grids IS '@primaryKey id';
COMMENT ON COLUMN peer.grids.path_ids IS '@omit';
COMMENT ON VIEW peer.cases IS E'@primaryKey id\n@foreignKey (grid_id) references grids (id)|@fieldName grid\n@foreignKey (item_version_id) references work_items (id)|@fieldName workItem\n@foreignKey (reporter_id) references staff (id)|@fieldName reporter';
COMMENT ON VIEW peer.assignments IS E'@primaryKey id\n@foreignKey (case_id) references cases (id)|@foreignFieldName assignmentsPage|@foreignSimpleFieldName assignments\n@foreignKey (organization_id) references organizations (id)|@fieldName organization';
COMMENT ON VIEW peer.timeline IS E'@primaryKey id\n@foreignKey (case_id) references cases (id)|@foreignFieldName timeline|@foreignSimpleFieldName timelineList\n@foreignKey (staff_id) references staff (id)|@fieldName actor';

CREATE FUNCTION peer.grids_path(g peer.grids) RETURNS SETOF peer.grids LANGUAGE sql STABLE
  AS $$ SELECT * FROM peer.grids above WHERE above.id = ANY (g.path_ids) ORDER BY above.level, above.id $$;
COMMENT ON FUNCTION peer.grids_path(peer.grids) IS '@simpleCollections only';

CREATE TYPE peer.total AS (value integer, exact boolean);
-- By way of the scopes, each in the order of its index: counting through the view would look at every visibility row.
CREATE FUNCTION peer.case_total() RETURNS peer.total LANGUAGE sql STABLE AS $$
  SELECT least(n, 1000)::integer, n <= 1000 FROM (SELECT count(*) AS n FROM (
    SELECT DISTINCT seen.case_id FROM unnest(peer.scopes()) AS scope (id), LATERAL (
      SELECT s.case_id FROM public.case_scope s
      WHERE s.tenant_id = peer.tenant() AND s.scope_id = scope.id AND s.until IS NULL LIMIT 1001) AS seen
    LIMIT 1001) AS page) AS counted $$;
