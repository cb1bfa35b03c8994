-- Background tasks 后台任务, large files that wait sealed, and take-overs from former registers as the
-- desk prepares them. None of it is a record: what a task does to records stands in the journal.

-- Long work, done in pieces by the serving program; a row ends by its state.
CREATE TABLE tasks (
    id {int} PRIMARY KEY,
    kind TEXT NOT NULL,                 -- a word of src/tasks/kinds.rs
    office TEXT NOT NULL,               -- whose it is
    login TEXT NOT NULL,                -- the officer who began it and may stop it
    state TEXT NOT NULL,                -- waiting, running, done, failed or stopped
    done {int} NOT NULL,                -- pieces done so far
    of {int} NOT NULL,                  -- all of them; 0 while that is not known
    message TEXT NOT NULL,              -- how it ended, a word of locales/
    begun {int} NOT NULL,               -- when, UTC milliseconds
    updated {int} NOT NULL,             -- when its row was last changed, UTC milliseconds
    result {int},                       -- the file it leaves to fetch
    input {blob} NOT NULL               -- what it was begun with, sealed
){table_end};
CREATE INDEX tasks_open ON tasks (id) WHERE state = 'waiting' OR state = 'running';
CREATE INDEX tasks_of_office ON tasks (office, id);

-- Files of any size, kept in sealed parts.
CREATE TABLE files (
    id {int} PRIMARY KEY,
    office TEXT NOT NULL,
    login TEXT NOT NULL,
    at {int} NOT NULL,                  -- when it was begun, UTC milliseconds
    kind TEXT NOT NULL,                 -- csv, xlsx or xls for what is to be fetched; else empty
    size {int},                         -- its bytes; none until it is whole
    sha256 TEXT NOT NULL                -- of its bytes, hexadecimal; empty until it is whole
){table_end};
CREATE TABLE file_parts (
    file {int} NOT NULL,
    part {int} NOT NULL,                -- from 0 on
    body {blob},                        -- sealed; emptied when the file is not needed any more
    PRIMARY KEY (file, part)
){table_end};

-- Take-overs as they are prepared and taken.
CREATE TABLE takeovers (
    id {int} PRIMARY KEY,
    office TEXT NOT NULL,
    login TEXT NOT NULL,                -- who brought the file
    at {int} NOT NULL,                  -- when, UTC milliseconds
    file {int},                         -- the sealed file; none when it is read from a disk
    plan {blob} NOT NULL,               -- header and meaning of columns and words, sealed
    summary {blob},                     -- what the last check found, sealed
    task {int},                         -- the last task about it
    batch {int} UNIQUE,                 -- the proposed batch
    position {int} NOT NULL,            -- the last row of the file that was decided on
    rows {int} NOT NULL,                -- so many rows were decided on: the sum of the next three,
    skipped {int} NOT NULL,             -- there already,
    differing {int} NOT NULL,           -- there already with other data,
    faulty {int} NOT NULL               -- wrong in themselves, and of those that were taken
){table_end};
CREATE INDEX takeovers_of_office ON takeovers (office, id);

-- How an authority's columns were last read.
CREATE TABLE takeover_plans (
    office TEXT PRIMARY KEY,
    plan {blob} NOT NULL                -- sealed
){table_end};

-- Rows of a batch that say something else than a certificate that is there.
CREATE TABLE takeover_differences (
    batch {int} NOT NULL,
    row {int} NOT NULL,                 -- of the file
    why TEXT NOT NULL,                  -- name or item
    state TEXT NOT NULL,                -- open, proposed, ours, file or taken
    login TEXT NOT NULL,                -- who proposed or decided; empty while open
    body {blob} NOT NULL,               -- what the file says, sealed
    PRIMARY KEY (batch, row)
){table_end};
