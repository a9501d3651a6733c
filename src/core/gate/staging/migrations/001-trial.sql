-- A small sealed table for the tests of the gate, shaped as core/gate/sealed-table.ts asks.
CREATE SCHEMA trial;

-- distribute by municipality_code
CREATE TABLE trial.resident (
  municipality_code text NOT NULL,
  person_id uuid NOT NULL,
  key_version int NOT NULL,
  line_index bigint NOT NULL,
  content_digest bytea NOT NULL,
  name_sealed bytea,
  birth_sealed bytea,
  address_sealed bytea,
  number_sealed bytea,
  resident_code_sealed bytea,
  household_sealed bytea,
  number_index bytea,
  resident_code_index bytea,
  reading_birth_index bytea,
  reading_index bytea,
  address_index bytea,
  address_number_index bytea,
  status text NOT NULL,
  event text,
  event_date text,
  PRIMARY KEY (municipality_code, person_id)
);
CREATE UNIQUE INDEX resident_address_number ON trial.resident (municipality_code, address_number_index);

-- distribute by municipality_code
CREATE TABLE trial.resident_history (
  LIKE trial.resident,
  PRIMARY KEY (municipality_code, person_id, line_index)
);

GRANT USAGE ON SCHEMA trial TO sekisho_gate;
GRANT SELECT, INSERT, UPDATE ON trial.resident TO sekisho_gate;
GRANT SELECT, INSERT ON trial.resident_history TO sekisho_gate;
