-- A row keeps the line that wrote it: the number of its log beside its index, for a succeeding log counts from 0 again.
ALTER TABLE register.resident ADD COLUMN log_number smallint NOT NULL DEFAULT 1;
ALTER TABLE register.resident_history ADD COLUMN log_number smallint NOT NULL DEFAULT 1;

ALTER TABLE register.resident_history DROP CONSTRAINT resident_history_pkey;
ALTER TABLE register.resident_history ADD PRIMARY KEY (municipality_code, person_id, log_number, line_index);
DROP INDEX register.resident_line;
CREATE INDEX resident_line ON register.resident (municipality_code, log_number, line_index);
