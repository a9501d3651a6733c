-- A line is named by the number of its log and its index: after a succession a second log counts from 0 again.
ALTER TABLE gate.request_outcome ADD COLUMN log_number smallint NOT NULL DEFAULT 1;
ALTER TABLE gate.erasure_due ADD COLUMN log_number smallint NOT NULL DEFAULT 1;
