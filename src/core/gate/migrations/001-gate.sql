-- The gate's own account: who may sign in and where, what is open, what was spent. No field and no key lies here.
-- row_mac: under a key of the gate over all that it relies on; a row written past it counts as not there.
CREATE SCHEMA gate;
CREATE SCHEMA national;

-- distribute by municipality_code
CREATE TABLE gate.staff (
  municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{6}$'),
  staff_id text NOT NULL CHECK (staff_id ~ '^[a-z0-9][a-z0-9.@-]{0,63}$'),
  role text NOT NULL,
  office text NOT NULL,
  requester text NOT NULL,
  person_id uuid,
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  pin_salt bytea NOT NULL,
  pin_hash bytea NOT NULL,
  pin_failures int NOT NULL DEFAULT 0,
  state text NOT NULL CHECK (state IN ('active', 'locked', 'suspended')),
  enrolled_at_ms bigint NOT NULL,
  row_mac bytea NOT NULL,
  PRIMARY KEY (municipality_code, staff_id)
);

-- distribute by municipality_code
CREATE TABLE gate.terminal (
  municipality_code text NOT NULL,
  terminal_id text NOT NULL CHECK (terminal_id ~ '^[a-z0-9][a-z0-9.-]{0,63}$'),
  office text NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'suspended')),
  enrolled_at_ms bigint NOT NULL,
  row_mac bytea NOT NULL,
  PRIMARY KEY (municipality_code, terminal_id)
);

-- Only the SHA-256 of a session's id is kept: a copy of this table opens no session.
-- distribute by municipality_code
CREATE TABLE gate.session (
  municipality_code text NOT NULL,
  session_hash bytea NOT NULL CHECK (octet_length(session_hash) = 32),
  staff_id text NOT NULL,
  terminal_id text NOT NULL,
  started_at_ms bigint NOT NULL,
  used_at_ms bigint NOT NULL,
  row_mac bytea NOT NULL,
  PRIMARY KEY (municipality_code, session_hash)
);

-- distribute by municipality_code
CREATE TABLE gate.staff_case (
  municipality_code text NOT NULL,
  case_id uuid NOT NULL,
  staff_id text NOT NULL,
  office text NOT NULL,
  purpose text NOT NULL,
  statute_id text NOT NULL,
  note_sealed bytea NOT NULL,
  opened_at_ms bigint NOT NULL,
  closed_at_ms bigint,
  PRIMARY KEY (municipality_code, case_id)
);

-- distribute by municipality_code
CREATE TABLE gate.bulk_grant (
  municipality_code text NOT NULL,
  grant_id uuid NOT NULL,
  purpose text NOT NULL,
  groups text[] NOT NULL,
  persons_max int NOT NULL CHECK (persons_max > 0),
  persons_left int NOT NULL CHECK (persons_left BETWEEN 0 AND persons_max),
  ends_at_ms bigint NOT NULL,
  asked_by text NOT NULL,
  asked_at_ms bigint NOT NULL,
  approved_by text CHECK (approved_by <> asked_by),
  approved_at_ms bigint,
  state text NOT NULL CHECK (state IN ('asked', 'active', 'revoked')),
  row_mac bytea NOT NULL,
  CHECK (state <> 'active' OR approved_by IS NOT NULL),
  PRIMARY KEY (municipality_code, grant_id)
);

-- What one batch of journal lines spent, minute and key → count. Only added to, and dropped when out of the window.
-- distribute by municipality_code
CREATE TABLE gate.budget_spent (
  municipality_code text NOT NULL,
  minute bigint NOT NULL,
  batch_id uuid NOT NULL,
  spent jsonb NOT NULL,
  PRIMARY KEY (municipality_code, minute, batch_id)
);

-- A write that is sent again gives the outcome it gave the first time. request_digest: keyed, over what was asked for.
-- distribute by municipality_code
CREATE TABLE gate.request_outcome (
  municipality_code text NOT NULL,
  request_id text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('created', 'changed')),
  person_id uuid NOT NULL,
  line_index bigint NOT NULL,
  state_digest bytea NOT NULL,
  request_digest bytea NOT NULL,
  PRIMARY KEY (municipality_code, request_id)
);

-- A mover has arrived elsewhere and is still to be written out here; emptied by the line that does so.
-- distribute by municipality_code
CREATE TABLE gate.departure (
  municipality_code text NOT NULL,
  person_id uuid NOT NULL,
  arrived_in text NOT NULL,
  event_date text,
  PRIMARY KEY (municipality_code, person_id)
);

-- Ordered by a durable line, the keys still to be erased; emptied when they are.
-- distribute by municipality_code
CREATE TABLE gate.erasure_due (
  municipality_code text NOT NULL,
  person_id uuid NOT NULL,
  line_index bigint NOT NULL,
  PRIMARY KEY (municipality_code, person_id)
);

-- Keyed tokens of the residents that exist only to be opened by somebody who should not.
-- distribute by municipality_code
CREATE TABLE gate.honey (
  municipality_code text NOT NULL,
  honey_token bytea NOT NULL,
  PRIMARY KEY (municipality_code, honey_token)
);

-- One number, one person, for ever: a retired index stays, so that no number is given twice (番号法 2条5項, 7条).
-- distribute by number_index
CREATE TABLE national.number_index (
  number_index bytea NOT NULL CHECK (octet_length(number_index) = 16),
  person_id uuid NOT NULL,
  municipality_code text NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'retired')),
  PRIMARY KEY (number_index)
);

-- distribute by resident_code_index
CREATE TABLE national.resident_code_index (
  resident_code_index bytea NOT NULL CHECK (octet_length(resident_code_index) = 16),
  person_id uuid NOT NULL,
  municipality_code text NOT NULL,
  state text NOT NULL CHECK (state IN ('active', 'retired')),
  PRIMARY KEY (resident_code_index)
);

GRANT USAGE ON SCHEMA gate, national TO sekisho_gate;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA gate, national TO sekisho_gate;
GRANT UPDATE (role, office, public_key, pin_salt, pin_hash, pin_failures, state, row_mac) ON gate.staff TO sekisho_gate;
GRANT UPDATE (office, state, row_mac) ON gate.terminal TO sekisho_gate;
GRANT UPDATE (used_at_ms), DELETE ON gate.session TO sekisho_gate;
GRANT UPDATE (closed_at_ms) ON gate.staff_case TO sekisho_gate;
GRANT UPDATE (persons_left, approved_by, approved_at_ms, state, row_mac) ON gate.bulk_grant TO sekisho_gate;
GRANT DELETE ON gate.budget_spent, gate.departure, gate.erasure_due TO sekisho_gate;
-- A number's index may move with its person or retire; its person never changes and it is never taken out.
GRANT UPDATE (municipality_code, state) ON national.number_index, national.resident_code_index TO sekisho_gate;
