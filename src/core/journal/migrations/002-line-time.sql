-- Where in a log a time lies, for whoever reads it by the day. Lines come in the order of time, so a block range says enough
-- and costs an insert nothing.
CREATE INDEX line_time ON journal.line USING brin (at_ms);
