-- The journal of a municipality: one row per line, never changed. A line's place is (log_number, line_index);
-- log_number counts up only where the tip of a log was lost and a successor began (core/journal/README.md).
CREATE SCHEMA journal;
GRANT USAGE ON SCHEMA journal TO sekisho_gate;

-- distribute by municipality_code
CREATE TABLE journal.line (
  municipality_code text NOT NULL,
  log_number int NOT NULL CHECK (log_number >= 1),
  line_index bigint NOT NULL CHECK (line_index >= 0),
  at_ms bigint NOT NULL,
  commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
  person_token bytea,
  PRIMARY KEY (municipality_code, log_number, line_index)
);

-- The lines of one person; most lines of a session or a case have none.
CREATE INDEX line_person ON journal.line (municipality_code, person_token, log_number, line_index)
  WHERE person_token IS NOT NULL;

-- What a line says, sealed; may be erased, the line still proves.
-- distribute by municipality_code
CREATE TABLE journal.payload (
  municipality_code text NOT NULL,
  log_number int NOT NULL,
  line_index bigint NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (municipality_code, log_number, line_index)
);

-- Sealed bytes do not compress: spare the attempt.
ALTER TABLE journal.payload ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- The last checkpoint signed for each log: written by compare-and-swap before anybody sees it.
-- local table: one row per log
CREATE TABLE journal.head (
  municipality_code text NOT NULL,
  log_number int NOT NULL,
  size bigint NOT NULL,
  checkpoint text NOT NULL,
  PRIMARY KEY (municipality_code, log_number)
);

-- Nobody may UPDATE a line or a payload. A superuser may: receipts and witnesses are there for that.
GRANT INSERT, SELECT ON journal.line TO sekisho_gate;
GRANT INSERT, SELECT, DELETE ON journal.payload TO sekisho_gate;
GRANT INSERT, SELECT ON journal.head TO sekisho_gate;
GRANT UPDATE (size, checkpoint) ON journal.head TO sekisho_gate;
