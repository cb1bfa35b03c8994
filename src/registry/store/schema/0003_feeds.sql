-- Feeds: the journals of others that this node follows, and what became of this node's own at those
-- that follow it. Entries, records and trees stand in the tables of the journal, under the feed's
-- number.

-- append only: quarantine
-- append only: cosigned

-- The provinces whose journals are followed.
CREATE TABLE feeds (
    -- the number its rows carry; 0 is this node itself
    feed        {int}   NOT NULL PRIMARY KEY CHECK (feed >= 0),
    -- the province's code; empty for this node itself
    code        TEXT    NOT NULL UNIQUE,
    -- why it stands still, by its code; empty while it flows
    hold        TEXT    NOT NULL,
    -- since when, UTC milliseconds
    held_at     {int}   NOT NULL,
    -- all that the province had recorded by then is here, UTC milliseconds
    complete_to {int}   NOT NULL
){table_end};

INSERT INTO feeds (feed, code, hold, held_at, complete_to) VALUES (0, '', '', 0, 0);

-- Entries that are whole but break the law: they keep their place in the tree and are not applied.
CREATE TABLE quarantine (
    -- whose journal
    feed        {int}   NOT NULL,
    -- the entry
    idx         {int}   NOT NULL CHECK (idx >= 0),
    -- the record it is about; 0 when the entry cannot be read
    record      {int}   NOT NULL,
    -- the code of the refusal
    refusal     TEXT    NOT NULL,
    PRIMARY KEY (feed, idx)
){table_end_by_key};

-- Checkpoints under which somebody else has set a signature, as the feed was acknowledged.
CREATE TABLE cosigned (
    -- whose journal
    feed        {int}   NOT NULL,
    -- its entries then
    size        {int}   NOT NULL CHECK (size > 0),
    -- the signed note with all its signatures
    note        TEXT    NOT NULL,
    PRIMARY KEY (feed, size)
){table_end_by_key};
