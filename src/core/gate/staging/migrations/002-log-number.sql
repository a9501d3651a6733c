ALTER TABLE trial.resident ADD COLUMN log_number smallint NOT NULL DEFAULT 1;
ALTER TABLE trial.resident_history ADD COLUMN log_number smallint NOT NULL DEFAULT 1;
ALTER TABLE trial.resident_history DROP CONSTRAINT resident_history_pkey;
ALTER TABLE trial.resident_history ADD PRIMARY KEY (municipality_code, person_id, log_number, line_index);
