-- Feeds: the journals of others that this node follows, and what became of this node's own at those
-- that follow it. Entries, records and trees stand in the tables of the journal, under the feed's
-- number.

-- append only: quarantine
-- append only: cosigned
-- append only: lost
-- append only: abroad

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
    -- the record of that halt in this node's journal; 0 while it is not written down
    halt        {int}   NOT NULL,
    -- all that the province had recorded by then is here, UTC milliseconds
    complete_to {int}   NOT NULL,
    -- of this node's own journal: why the nation holds its copy, by its code; empty while it flows
    told        TEXT    NOT NULL,
    -- since when that is known here, UTC milliseconds
    told_at     {int}   NOT NULL,
    -- a person has looked at what is in quarantine below this index
    seen        {int}   NOT NULL
){table_end};

INSERT INTO feeds (feed, code, hold, held_at, halt, complete_to, told, told_at, seen)
VALUES (0, '', '', 0, 0, 0, '', 0, 0);

-- Halts: what stood still, and whether it goes on again. Folded from the events.
CREATE TABLE halts (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,
    version {int} NOT NULL,
    province TEXT NOT NULL,         -- whose feed it is; empty for the journal's own node
    body TEXT NOT NULL,  -- the folded halt, JSON
    PRIMARY KEY (record, feed)
){table_end_by_key};

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
    -- when it was put there, UTC milliseconds
    at          {int}   NOT NULL,
    PRIMARY KEY (feed, idx)
){table_end_by_key};

-- Entries of this node's own journal that the nation put in quarantine, as it told.
CREATE TABLE abroad (
    -- the entry
    idx         {int}   NOT NULL PRIMARY KEY CHECK (idx >= 0),
    -- the record it is about
    record      {int}   NOT NULL,
    -- the code of the refusal
    refusal     TEXT    NOT NULL,
    -- when it became known here, UTC milliseconds
    at          {int}   NOT NULL
){table_end_by_key};

-- Checkpoints this node has signed, or cosigned, for entries that it did not have any more when
-- they were shown to it: whatever comes in their place must lead to them.
CREATE TABLE lost (
    -- whose journal
    feed        {int}   NOT NULL,
    -- the entries there were
    size        {int}   NOT NULL CHECK (size > 0),
    -- the root of their tree
    root        {blob}  NOT NULL CHECK (LENGTH(root) = 32),
    -- the signed note
    note        TEXT    NOT NULL,
    PRIMARY KEY (feed, size, root)
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
