-- The persons' keys, wrapped. May lie in a database of its own; only sekisho_keys reads it.
-- No UPDATE is granted: a rotation inserts a new version, an erasure deletes.
CREATE SCHEMA keys;
REVOKE ALL ON SCHEMA keys FROM PUBLIC;

-- distribute by person_id
CREATE TABLE keys.person_key (
  person_id uuid NOT NULL,
  key_version integer NOT NULL CHECK (key_version >= 1),
  shard integer NOT NULL CHECK (shard >= 0),
  wrapped bytea NOT NULL CHECK (octet_length(wrapped) BETWEEN 61 AND 255),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, key_version)
);

-- Who is erased stays erased: a backup of the table above is held against this one, and against the journal.
-- distribute by person_id
CREATE TABLE keys.erasure (
  person_id uuid NOT NULL PRIMARY KEY,
  erased_at timestamptz NOT NULL,
  line_index bigint CHECK (line_index >= 0)
);

REVOKE ALL ON keys.person_key, keys.erasure FROM PUBLIC;
GRANT USAGE ON SCHEMA keys TO sekisho_keys;
GRANT SELECT, INSERT, DELETE ON keys.person_key TO sekisho_keys;
GRANT SELECT, INSERT ON keys.erasure TO sekisho_keys;
