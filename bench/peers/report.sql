-- The peers of reportCase. `report_case` writes the very rows that the service writes for the same report, looked up and
-- composed by one function; `new_cases` and `new_entries` are for PostGraphile's own create mutations: a case, a line of its
-- timeline, and nothing else.
CREATE SEQUENCE peer.serials;

-- An id of version 7, as the service makes them: in the order of time, so that indexes grow at their end.
CREATE FUNCTION peer.new_id() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
    substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid $$;
COMMENT ON FUNCTION peer.new_id() IS '@omit';

CREATE TYPE peer.reported AS (id uuid, number text, status text);

CREATE FUNCTION peer.report_case(key text, description text, work_item_code text, grid_code text,
    longitude double precision, latitude double precision) RETURNS peer.reported LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  county uuid := peer.tenant();
  actor uuid := current_setting('peer.actor')::uuid;
  moment timestamptz := now();
  due timestamptz := now() + interval '2 hours';
  warn timestamptz := now() + interval '96 minutes';
  made uuid := peer.new_id();
  running uuid := peer.new_id();
  told uuid := peer.new_id();
  serial text := 'P-' || to_char(now(), 'YYYYMMDD') || '-' || nextval('peer.serials');
  item public.work_item_version;
  place public.grid;
  centre uuid;
  level uuid;
  known public.idempotency_key;
  heading text;
  seers uuid[];
BEGIN
  IF current_setting('peer.reports', true) IS DISTINCT FROM '1' THEN RAISE EXCEPTION 'not permitted'; END IF;
  SELECT * INTO known FROM public.idempotency_key k WHERE k.tenant_id = county AND k.actor_id = actor AND k.key = report_case.key;
  IF FOUND THEN RETURN (SELECT ROW(c.id, c.number, c.status)::peer.reported FROM public."case" c
    WHERE c.tenant_id = county AND c.id = (known.result->>'case')::uuid); END IF;
  SELECT * INTO STRICT item FROM public.work_item_version w
    WHERE w.tenant_id = county AND w.code = report_case.work_item_code AND w.valid_from <= moment AND (w.valid_to IS NULL OR w.valid_to > moment);
  SELECT * INTO STRICT place FROM public.grid g WHERE g.tenant_id = county AND g.code = report_case.grid_code AND g.ended_at IS NULL;
  SELECT o.id INTO STRICT centre FROM public.organization o
    WHERE o.tenant_id = county AND o.kind = 'CENTRE' AND o.closed_at IS NULL AND o.grid_id = ANY (place.path)
    ORDER BY o.level DESC LIMIT 1;
  SELECT s.id INTO STRICT level FROM public.service_level s
    WHERE s.tenant_id = county AND s.valid_from <= moment AND (s.valid_to IS NULL OR s.valid_to > moment);
  heading := item.name || ':' || split_part(report_case.description, E'\n', 1);
  seers := place.path || centre || actor;

  INSERT INTO public."case" (tenant_id, id, number, title, description, sealed, status, severity, protection, channel,
      self_handled, emergency, paused, version, round, item_version_id, service_level_id, grid_id, path, centre_id, reporter_id,
      reporter_kind, reporter_actor_id, reported_at, longitude, latitude, tracking_hash, escalations)
    VALUES (county, made, serial, heading, report_case.description, false, 'REPORTED', item.severity, item.protection, 'GRID_PHONE',
      false, item.emergency, false, 1, 1, item.id, level, place.id, place.path, centre, actor,
      'user', actor, moment, report_case.longitude, report_case.latitude, encode(sha256(made::text::bytea), 'hex'), 0);
  INSERT INTO public.case_scope (tenant_id, case_id, scope_id, kind, since, reported_at)
    SELECT county, made, s.id, s.kind, moment, moment FROM (
      SELECT unnest(place.path) AS id, 'GRID' AS kind UNION ALL VALUES (centre, 'ORGANIZATION'), (actor, 'ACTOR')) s;
  INSERT INTO public.timeline_entry (tenant_id, id, case_id, at, step, staff_id, actor_id, actor_kind, sealed, data)
    VALUES (county, peer.new_id(), made, moment, 'reportCase', actor, actor, 'user', false, '{}');
  INSERT INTO public.clock (tenant_id, id, case_id, kind, code, label, limit_value, unit, roll_rule, started_at, due_at, warn_at,
      state, provisional, calendar_version, reviewed_version)
    VALUES (county, running, made, 'SERVICE', 'sl:accept', '受理时限', 2, 'wh', 'none_stated', moment, due, warn,
      'RUNNING', false, 1, 1);
  INSERT INTO public.case_grid (tenant_id, grid_id, case_id) SELECT county, unnest(place.path), made;
  INSERT INTO public.inbox_item (tenant_id, id, scope_id, kind, subject_kind, subject_id, case_id, title, reason, due_at, sort_at,
      created_at)
    VALUES (county, peer.new_id(), centre, 'ACCEPT', 'case', made, made, heading, '新上报,待受理', due, due, moment);
  INSERT INTO public.idempotency_key (tenant_id, actor_id, key, operation, body_hash, result, at)
    VALUES (county, actor, report_case.key, 'reportCase', encode(sha256((report_case.description || report_case.work_item_code)::bytea), 'hex'),
      jsonb_build_object('case', made), moment);
  INSERT INTO public.fact (tenant_id, id, type, at, case_id, actor_id, schema_version, data, scopes)
    VALUES (county, told, 'case.reported', moment, made, actor, 1, jsonb_build_object('grid', place.id, 'item', item.code,
      'number', serial, 'status', 'REPORTED', 'channel', 'GRID_PHONE', 'severity', item.severity, 'self_handled', false), seers);
  INSERT INTO public.due (tenant_id, kind, id, due_at) VALUES (county, 'fact', told, moment), (county, 'clock', running, warn);
  RETURN ROW(made, serial, 'REPORTED')::peer.reported;
END $$;

CREATE VIEW peer.new_cases WITH (security_invoker) AS
  SELECT tenant_id, id, number, title, description, sealed, status, severity, protection, channel, self_handled, emergency, paused,
    version, round, item_version_id, service_level_id, grid_id, path, centre_id, reporter_id, reporter_kind, reporter_actor_id,
    reported_at, longitude, latitude, escalations
  FROM public."case";
CREATE VIEW peer.new_entries WITH (security_invoker) AS
  SELECT tenant_id, id, case_id, at, step, staff_id, actor_id, actor_kind, sealed, data FROM public.timeline_entry;

ALTER VIEW peer.new_cases ALTER tenant_id SET DEFAULT peer.tenant(), ALTER sealed SET DEFAULT false,
  ALTER status SET DEFAULT 'REPORTED', ALTER protection SET DEFAULT '{}', ALTER channel SET DEFAULT 'GRID_PHONE',
  ALTER self_handled SET DEFAULT false, ALTER emergency SET DEFAULT false, ALTER paused SET DEFAULT false, ALTER version SET DEFAULT 1,
  ALTER round SET DEFAULT 1, ALTER reporter_kind SET DEFAULT 'user', ALTER reported_at SET DEFAULT now(),
  ALTER escalations SET DEFAULT 0, ALTER number SET DEFAULT 'B-' || nextval('peer.serials'),
  ALTER reporter_id SET DEFAULT current_setting('peer.actor')::uuid,
  ALTER reporter_actor_id SET DEFAULT current_setting('peer.actor')::uuid;
ALTER VIEW peer.new_entries ALTER tenant_id SET DEFAULT peer.tenant(), ALTER id SET DEFAULT peer.new_id(), ALTER at SET DEFAULT now(),
  ALTER step SET DEFAULT 'reportCase', ALTER actor_kind SET DEFAULT 'user', ALTER sealed SET DEFAULT false, ALTER data SET DEFAULT '{}',
  ALTER staff_id SET DEFAULT current_setting('peer.actor')::uuid, ALTER actor_id SET DEFAULT current_setting('peer.actor')::uuid;
COMMENT ON VIEW peer.new_cases IS '@primaryKey id';
COMMENT ON VIEW peer.new_entries IS '@primaryKey id';
