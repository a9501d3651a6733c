-- Sign-in by passkey: who may sign in where with what, the one-time codes that lead there, and residents' sessions. What is secret
-- lies here as a digest only. Each row that the gate relies on has a row_mac.

-- A passkey belongs to one site, and there to one member of staff or one resident.
-- distribute by municipality_code
CREATE TABLE gate.passkey (
  municipality_code text NOT NULL,
  credential_id bytea NOT NULL CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
  site text NOT NULL CHECK (site IN ('desk', 'portal')),
  staff_id text,
  person_id uuid,
  public_key bytea NOT NULL,
  sign_count bigint NOT NULL CHECK (sign_count >= 0),
  enrolled_at_ms bigint NOT NULL,
  row_mac bytea NOT NULL,
  CHECK ((site = 'desk') = (staff_id IS NOT NULL)),
  CHECK ((site = 'portal') = (person_id IS NOT NULL)),
  PRIMARY KEY (municipality_code, credential_id)
);
CREATE INDEX passkey_staff ON gate.passkey (municipality_code, staff_id);
CREATE INDEX passkey_person ON gate.passkey (municipality_code, person_id);

-- A one-time code. handle and code_mac are keyed digests of its first part and of the whole; tries counts wrong ones.
-- distribute by municipality_code
CREATE TABLE gate.invitation (
  municipality_code text NOT NULL,
  handle bytea NOT NULL CHECK (octet_length(handle) = 32),
  code_mac bytea NOT NULL CHECK (octet_length(code_mac) = 32),
  target text NOT NULL CHECK (target IN ('staff', 'terminal', 'resident', 'staff-link', 'resident-link')),
  staff_id text,
  terminal_id text,
  person_id uuid,
  issued_by text NOT NULL,
  expires_at_ms bigint NOT NULL,
  tries int NOT NULL DEFAULT 0,
  row_mac bytea NOT NULL,
  PRIMARY KEY (municipality_code, handle)
);

-- The SHA-256 of the secret that the browser of a terminal holds.
-- distribute by municipality_code
CREATE TABLE gate.terminal_secret (
  municipality_code text NOT NULL,
  terminal_id text NOT NULL,
  secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
  bound_at_ms bigint NOT NULL,
  row_mac bytea NOT NULL,
  PRIMARY KEY (municipality_code, terminal_id)
);

-- Sessions of residents at the portal. Only the SHA-256 of an id is kept: a copy of this table opens no session.
-- distribute by municipality_code
CREATE TABLE gate.resident_session (
  municipality_code text NOT NULL,
  session_hash bytea NOT NULL CHECK (octet_length(session_hash) = 32),
  person_id uuid NOT NULL,
  started_at_ms bigint NOT NULL,
  used_at_ms bigint NOT NULL,
  row_mac bytea NOT NULL,
  PRIMARY KEY (municipality_code, session_hash)
);

GRANT SELECT, INSERT, DELETE ON gate.passkey, gate.invitation, gate.terminal_secret, gate.resident_session TO sekisho_gate;
GRANT UPDATE (sign_count, row_mac) ON gate.passkey TO sekisho_gate;
GRANT UPDATE (tries) ON gate.invitation TO sekisho_gate;
GRANT UPDATE (secret_hash, bound_at_ms, row_mac) ON gate.terminal_secret TO sekisho_gate;
GRANT UPDATE (used_at_ms) ON gate.resident_session TO sekisho_gate;
