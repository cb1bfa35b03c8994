-- The journal: what happened, in the order in which it happened. One text for both databases:
-- {int}, {blob} and the table's ending are filled in by the driver.
--
-- A line "append only: NAME" makes the database itself refuse UPDATE and DELETE on that table:
-- by a guard trigger on SQLite, by not granting them to the server's role on PostgreSQL. Every
-- other table may be changed, and no row of any table may be deleted.

-- append only: journal
-- append only: subject
-- append only: nodes

-- How far each journal reaches. Who holds the lock of row 0 has the writer's turn.
CREATE TABLE heads (
    -- whose journal: 0 is this node's own, others are copies of the provinces it follows
    feed        {int}   NOT NULL PRIMARY KEY CHECK (feed >= 0),
    -- the index the next entry will get
    entries     {int}   NOT NULL CHECK (entries >= 0),
    -- the right edge of its tree: size and the roots of its perfect trees (docs/log.md)
    frontier    {blob}  NOT NULL,
    -- the signed checkpoint of exactly these entries; empty while there are none
    checkpoint  TEXT    NOT NULL
){table_end};

INSERT INTO heads (feed, entries, frontier, checkpoint) VALUES (0, 0, {zero}, '');

-- One row for each event. The public log is made of the commitments alone.
CREATE TABLE journal (
    -- whose journal
    feed        {int}   NOT NULL DEFAULT 0,
    -- place in the log, from 0, without gaps
    idx         {int}   NOT NULL CHECK (idx >= 0),
    -- when it was recorded, UTC milliseconds
    at          {int}   NOT NULL,
    -- which event, by its permanent name
    kind        TEXT    NOT NULL,
    -- SHA-256 of the salt and the event's bytes
    commitment  {blob}  NOT NULL CHECK (LENGTH(commitment) = 32),
    PRIMARY KEY (feed, idx)
){table_end_by_key};

-- The event itself, sealed. It stands apart from the journal because it may be sealed again
-- under a new key or destroyed (erasure) while the commitment stays.
CREATE TABLE sealed (
    -- the journal entry it belongs to
    feed        {int}   NOT NULL DEFAULT 0,
    idx         {int}   NOT NULL CHECK (idx >= 0),
    -- the keyring's key that opens it
    key_id      {int}   NOT NULL,
    -- 16 random bytes; none once destroyed
    salt        {blob}  NULL,
    -- the sealed event; none once destroyed
    body        {blob}  NULL,
    PRIMARY KEY (feed, idx)
){table_end_by_key};

-- Which entries touch which record: the way from a case or a certificate to its history.
CREATE TABLE subject (
    -- whose journal
    feed        {int}   NOT NULL DEFAULT 0,
    -- the record's number, 60 bits
    record      {int}   NOT NULL,
    -- an entry that touches it
    idx         {int}   NOT NULL CHECK (idx >= 0),
    PRIMARY KEY (record, feed, idx)
){table_end_by_key};

-- The tree over the commitments: the root of every full tile, from which all tiles above the leaves
-- and every proof are made (docs/log.md). The leaves themselves are the commitments.
CREATE TABLE nodes (
    -- whose journal
    feed        {int}   NOT NULL,
    -- the level of the tile it stands in, from 1
    level       {int}   NOT NULL CHECK (level > 0),
    -- its place in that level, from 0
    idx         {int}   NOT NULL CHECK (idx >= 0),
    -- the hash
    hash        {blob}  NOT NULL CHECK (LENGTH(hash) = 32),
    PRIMARY KEY (feed, level, idx)
){table_end_by_key};
