-- What residents and the security officer ask of the gate beside openings. Each row that the gate relies on has a row_mac.

-- What came of the last verification of the served log.
-- distribute by municipality_code
CREATE TABLE gate.journal_verification (
  municipality_code text NOT NULL,
  verdict text NOT NULL,
  size bigint NOT NULL,
  verified_at_ms bigint NOT NULL,
  staff_id text NOT NULL,
  row_mac bytea NOT NULL,
  PRIMARY KEY (municipality_code)
);

-- A resident has stopped look-ups that no law demands, until then. Lifted, the row stays with 0.
-- distribute by municipality_code
CREATE TABLE gate.look_up_lock (
  municipality_code text NOT NULL,
  person_id uuid NOT NULL,
  until_ms bigint NOT NULL,
  set_at_ms bigint NOT NULL,
  row_mac bytea NOT NULL,
  PRIMARY KEY (municipality_code, person_id)
);

-- What a resident says was not right: about a line of this journal, or about a group of his record. Text and answer are sealed
-- under his own key, so they go with it.
-- distribute by municipality_code
CREATE TABLE gate.contest (
  municipality_code text NOT NULL,
  contest_id uuid NOT NULL,
  person_id uuid NOT NULL,
  about_line bigint,
  about_group text,
  key_version int NOT NULL,
  text_sealed bytea NOT NULL,
  opened_at_ms bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'taken', 'accepted', 'rejected')),
  taken_by text,
  answer_key_version int,
  answer_sealed bytea,
  answered_at_ms bigint,
  row_mac bytea NOT NULL,
  CHECK ((about_line IS NULL) <> (about_group IS NULL)),
  CHECK ((answer_sealed IS NULL) = (answer_key_version IS NULL)),
  PRIMARY KEY (municipality_code, contest_id)
);
CREATE INDEX contest_person ON gate.contest (person_id);

-- Searches that showed a person among their hits, by a keyed token of him, so that he finds them. The line has the last word.
-- distribute by municipality_code
CREATE TABLE gate.search_hit (
  municipality_code text NOT NULL,
  person_token bytea NOT NULL CHECK (octet_length(person_token) = 16),
  line_index bigint NOT NULL,
  PRIMARY KEY (municipality_code, person_token, line_index)
);

GRANT SELECT, INSERT ON gate.journal_verification, gate.look_up_lock, gate.contest, gate.search_hit
  TO sekisho_gate;
GRANT UPDATE (verdict, size, verified_at_ms, staff_id, row_mac) ON gate.journal_verification TO sekisho_gate;
GRANT UPDATE (until_ms, set_at_ms, row_mac) ON gate.look_up_lock TO sekisho_gate;
GRANT UPDATE (state, taken_by, answer_key_version, answer_sealed, answered_at_ms, row_mac) ON gate.contest TO sekisho_gate;
