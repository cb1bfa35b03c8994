-- The journal: what happened, in the order in which it happened. One text for both databases:
-- {int}, {blob} and the table's ending are filled in by the driver.
--
-- A line "append only: NAME" makes the database itself refuse UPDATE and DELETE on that table:
-- by a guard trigger on SQLite, by not granting them to the server's role on PostgreSQL. Every
-- other table may be changed, and no row of any table may be deleted.

-- append only: journal
-- append only: subject

-- How many entries the journal has. One row; who holds its lock has the writer's turn.
CREATE TABLE journal_head (
    id          {int}   NOT NULL PRIMARY KEY CHECK (id = 1),    -- always 1
    entries     {int}   NOT NULL CHECK (entries >= 0)           -- the index the next entry will get
){table_end};

INSERT INTO journal_head (id, entries) VALUES (1, 0);

-- One row for each event. The public log is made of the commitments alone.
CREATE TABLE journal (
    idx         {int}   NOT NULL PRIMARY KEY CHECK (idx >= 0),  -- place in the log, from 0, without gaps
    at          {int}   NOT NULL,                               -- when it was recorded, UTC milliseconds
    kind        TEXT    NOT NULL,                               -- which event, by its permanent name
    commitment  {blob}  NOT NULL CHECK (LENGTH(commitment) = 32) -- SHA-256 of the salt and the event's bytes
){table_end};

-- The event itself, sealed. It stands apart from the journal because it may be sealed again
-- under a new key or destroyed (erasure) while the commitment stays.
CREATE TABLE sealed (
    idx         {int}   NOT NULL PRIMARY KEY CHECK (idx >= 0),  -- the journal entry it belongs to
    key_id      {int}   NOT NULL,                               -- the keyring's key that opens it
    salt        {blob}  NULL,                                   -- 16 random bytes; none once destroyed
    body        {blob}  NULL                                    -- the sealed event; none once destroyed
){table_end};

-- Which entries touch which record: the way from a case or a certificate to its history.
CREATE TABLE subject (
    record      {int}   NOT NULL,                               -- the record's number, 60 random bits
    idx         {int}   NOT NULL CHECK (idx >= 0),              -- an entry that touches it
    PRIMARY KEY (record, idx)
){table_end_by_key};
