-- Who would approve is enrolled by two: what one has asked for waits here for the other. row_mac as in gate.staff.
-- distribute by municipality_code
CREATE TABLE gate.enrolment (
  municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{6}$'),
  enrolment_id uuid NOT NULL,
  staff_id text NOT NULL CHECK (staff_id ~ '^[a-z0-9][a-z0-9.@-]{0,63}$'),
  role text NOT NULL,
  office text NOT NULL,
  requester text NOT NULL,
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  pin_salt bytea NOT NULL,
  pin_hash bytea NOT NULL,
  asked_by text NOT NULL,
  expires_at_ms bigint NOT NULL,
  confirmed_by text CHECK (confirmed_by <> asked_by),
  state text NOT NULL CHECK (state IN ('asked', 'confirmed', 'withdrawn')),
  row_mac bytea NOT NULL,
  CHECK (state <> 'confirmed' OR confirmed_by IS NOT NULL),
  PRIMARY KEY (municipality_code, enrolment_id)
);
CREATE INDEX enrolment_waiting ON gate.enrolment (municipality_code, expires_at_ms) WHERE state = 'asked';

GRANT SELECT, INSERT ON gate.enrolment TO sekisho_gate;
GRANT UPDATE (state, confirmed_by, row_mac) ON gate.enrolment TO sekisho_gate;
