-- Programs of offices: their keys, and what they asked for.

-- Keys of programs that act for an office. The account is the program's own, its roles are events.
CREATE TABLE office_keys (
    key {blob} PRIMARY KEY,             -- SHA-256 of the key, which is not kept
    number TEXT NOT NULL UNIQUE,        -- its first characters, by which it is recognised
    login TEXT NOT NULL UNIQUE,         -- the account it acts as
    office TEXT NOT NULL,               -- the account's office
    label TEXT NOT NULL,                -- whose program it is
    made {int} NOT NULL,                -- when, UTC milliseconds
    made_by TEXT NOT NULL,              -- the login of the security administrator
    expires {int} NOT NULL,             -- from then on it is not in force
    used {int} NOT NULL,                -- when it was last used, to the minute; 0 for never
    ended {int} NOT NULL                -- 1 once it was ended
){table_end};
CREATE INDEX office_keys_office ON office_keys (office, made);

-- Writing calls of programs: the same call twice has one effect and one answer.
CREATE TABLE calls (
    key {blob} NOT NULL,                -- the office key, as above
    name {blob} NOT NULL,               -- SHA-256 of the idempotency key
    request {blob} NOT NULL,            -- SHA-256 of what was asked
    at {int} NOT NULL,                  -- when, UTC milliseconds; 0 when the name is free again
    process {int} NOT NULL,             -- which run of the program does it; 0 when it gave up
    status {int},                       -- of the answer; null until there is one
    answer {blob},                      -- sealed
    PRIMARY KEY (key, name)
){table_end};
