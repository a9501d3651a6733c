-- The resident register (住民基本台帳法 art. 6, 7): sealed fields, keyed indexes, and the little that is in the open.
-- Only the gate writes rows; each in one transaction with its journal line. The office reads ciphertext.
CREATE SCHEMA register;

-- distribute by municipality_code
CREATE TABLE register.resident (
  municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{6}$'),
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
  number_index bytea CHECK (octet_length(number_index) = 16),
  resident_code_index bytea CHECK (octet_length(resident_code_index) = 16),
  reading_birth_index bytea,
  reading_index bytea,
  address_index bytea,
  address_number_index bytea CHECK (octet_length(address_number_index) = 16),
  household_index bytea CHECK (octet_length(household_index) = 16),
  status text NOT NULL CHECK (status IN ('resident', 'moved-out', 'deceased', 'removed')),
  event text CHECK (event ~ '^[a-z-]+$'),
  event_date text CHECK (event_date ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
  PRIMARY KEY (municipality_code, person_id)
);

-- One address number, one resident: a row that comes under a new resident code but an old address number is refused, or
-- one person would get a second individual number.
CREATE UNIQUE INDEX resident_address_number ON register.resident (municipality_code, address_number_index);
CREATE INDEX resident_reading_birth ON register.resident (municipality_code, reading_birth_index);
CREATE INDEX resident_reading ON register.resident (municipality_code, reading_index);
CREATE INDEX resident_address ON register.resident (municipality_code, address_index);
-- The verification reads all rows in the order of their lines. Without the person: before the first ANALYZE a planner takes
-- whatever index names a query's columns, and would walk this one from end to end to find a few persons.
CREATE INDEX resident_line ON register.resident (municipality_code, line_index);
-- All places where a person is or was registered, for his own history.
CREATE INDEX resident_person ON register.resident (person_id);
CREATE INDEX resident_household ON register.resident (municipality_code, household_index);

-- Each state that was replaced, under the line that had written it.
-- distribute by municipality_code
CREATE TABLE register.resident_history (
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
  household_index bytea,
  status text NOT NULL,
  event text,
  event_date text,
  PRIMARY KEY (municipality_code, person_id, line_index)
);

-- Runs of the importer. No file name and no digest of the file: of a file with one row either could be guessed back.
-- distribute by municipality_code
CREATE TABLE register.import (
  municipality_code text NOT NULL CHECK (municipality_code ~ '^[0-9]{6}$'),
  import_id uuid NOT NULL,
  staff_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('checking', 'refused', 'writing', 'finished', 'failed')),
  encoding text CHECK (encoding IN ('utf-8', 'cp932')),
  file_bytes bigint NOT NULL,
  rows_read bigint NOT NULL DEFAULT 0,
  rows_refused bigint NOT NULL DEFAULT 0,
  rows_created bigint NOT NULL DEFAULT 0,
  rows_changed bigint NOT NULL DEFAULT 0,
  rows_unchanged bigint NOT NULL DEFAULT 0,
  failure_kind text,
  started_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  PRIMARY KEY (municipality_code, import_id)
);

GRANT USAGE ON SCHEMA register TO sekisho_gate, sekisho_office;
GRANT SELECT, INSERT, UPDATE ON register.resident TO sekisho_gate;
GRANT SELECT, INSERT ON register.resident_history TO sekisho_gate;
GRANT SELECT ON register.resident, register.resident_history TO sekisho_office;
GRANT SELECT, INSERT ON register.import TO sekisho_office;
GRANT UPDATE (
  state, encoding, rows_read, rows_refused, rows_created, rows_changed, rows_unchanged, failure_kind, updated_at_ms
) ON register.import TO sekisho_office;
