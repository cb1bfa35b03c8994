-- Who is on duty, who signed in, and who read whose file.
-- append only: readings
-- append only: sign_ins

-- Accounts: who is on duty where, in which roles, since when. Folded from the events.
CREATE TABLE accounts (
    feed {int} NOT NULL,
    record {int} NOT NULL,
    version {int} NOT NULL,
    login TEXT NOT NULL,                -- unique in one journal
    body TEXT NOT NULL,                 -- the folded account, JSON
    PRIMARY KEY (record, feed),
    UNIQUE (login, feed)
){table_end};

-- Second factors: what an account's telephone knows as well.
CREATE TABLE factors (
    login TEXT PRIMARY KEY,
    secret {blob},                      -- sealed; null after it was reset
    step {int} NOT NULL                 -- the last step of time whose code was used
){table_end};

-- Failures to sign in, in a row.
CREATE TABLE locks (
    login TEXT PRIMARY KEY,
    failures {int} NOT NULL,            -- since the last success
    last {int} NOT NULL,                -- when the last was, UTC milliseconds
    locked {int} NOT NULL               -- 1 until the security administrator opens it
){table_end};

-- What happened at the door, for the audit administrator.
CREATE TABLE sign_ins (
    id {int} PRIMARY KEY,
    at {int} NOT NULL,                  -- when, UTC milliseconds
    login TEXT NOT NULL,                -- the account
    what TEXT NOT NULL,                 -- what happened
    address TEXT NOT NULL,              -- where the browser was; empty for the machine itself
    by_login TEXT NOT NULL              -- who did it, where it was another
){table_end};
CREATE INDEX sign_ins_at ON sign_ins (at);

-- Every reading of a person's file.
CREATE TABLE readings (
    id {int} PRIMARY KEY,
    at {int} NOT NULL,                  -- when, UTC milliseconds
    login TEXT NOT NULL,                -- who
    office TEXT NOT NULL,               -- of which office
    record {int} NOT NULL,              -- the case, certificate or inquiry that was shown
    purpose TEXT NOT NULL               -- where from
){table_end};
CREATE INDEX readings_record ON readings (record, at);
CREATE INDEX readings_at ON readings (at);
