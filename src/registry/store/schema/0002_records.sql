-- The records: what the events add up to. Every row here can be made again from the journal, except
-- accounts, sessions, keys and uploads at the end. Columns that name no person are in clear, for
-- queues and counts; whatever is about a person is inside a sealed dossier.
-- A version counts the entries that touch the record; a save that finds another version than it read
-- fails. `feed` says whose journal a row comes from, as in the journal itself.

-- The directory of offices 考试机构 and 发证机关.
CREATE TABLE offices (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,          -- the record its events are under
    version {int} NOT NULL,
    code TEXT NOT NULL,         -- the code other rows and events name it by
    body TEXT NOT NULL,  -- the folded office, JSON
    UNIQUE (code, feed),
    PRIMARY KEY (record, feed)
){table_end_by_key};

-- Exam sessions 考试场次: one institution, one day, and of the planned ones one hour and place.
CREATE TABLE sessions (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,
    version {int} NOT NULL,
    institution TEXT NOT NULL,          -- office code
    held_on TEXT NOT NULL,              -- the day, YYYY-MM-DD
    slot TEXT NOT NULL,                 -- hour and place; nothing where only a sheet told of it;
                                        -- the record's number once it was called off
    body TEXT NOT NULL,                 -- the folded session, JSON: its plan, and the cases seated
    UNIQUE (institution, held_on, slot, feed),
    PRIMARY KEY (record, feed)
){table_end_by_key};

-- Sheets that were imported: the same bytes are not taken twice.
CREATE TABLE sheets (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,
    version {int} NOT NULL,
    institution TEXT NOT NULL,
    sha256 TEXT NOT NULL,               -- of the file's bytes, hexadecimal
    taken {int} NOT NULL,              -- rows taken
    refused {int} NOT NULL,            -- rows refused
    UNIQUE (institution, sha256, feed),
    PRIMARY KEY (record, feed)
){table_end_by_key};

-- Take-over batches of former certificates.
CREATE TABLE batches (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,
    version {int} NOT NULL,
    authority TEXT NOT NULL,
    body TEXT NOT NULL,  -- the folded batch, JSON
    PRIMARY KEY (record, feed)
){table_end_by_key};

-- Dossiers: all that is known about one person under one name and document. A body is large: kept by
-- key, it would stand in the inner pages of the tree too, and a million would lie ten pages deep.
CREATE TABLE dossiers (
    feed {int} NOT NULL DEFAULT 0,
    key {blob} NOT NULL,             -- keyed digest of document type, number and folded name
    body {blob} NOT NULL,  -- the folded cases and certificates, sealed
    PRIMARY KEY (key, feed)
){table_end};

-- Which name a document is registered under: one document, one dossier.
CREATE TABLE people (
    feed {int} NOT NULL DEFAULT 0,
    document {blob} NOT NULL,        -- keyed digest of document type and number
    dossier {blob} NOT NULL,  -- the dossier's key
    PRIMARY KEY (document, feed)
){table_end_by_key};

-- Cases 办件, for queues. The case itself is in its dossier.
CREATE TABLE cases (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,
    version {int} NOT NULL,
    dossier {blob} NOT NULL,
    state TEXT NOT NULL,                -- a word of docs/states.md
    category TEXT NOT NULL,
    item TEXT NOT NULL,
    kind TEXT NOT NULL,
    institution TEXT NOT NULL,
    authority TEXT NOT NULL,
    session {int},                     -- of the last sitting
    since TEXT NOT NULL,                -- the day the stage was entered
    due TEXT NOT NULL,  -- the day something must be done by law; 9999-12-31 when nothing must
    due_moves {int} NOT NULL,  -- 1 while that day counts on a year without a notice
    made_in TEXT,  -- the run the card is made in
    card TEXT,     -- how far the card is: made, issued, printed, delivered
    offered_to TEXT,  -- the authority that is asked to take it
    PRIMARY KEY (record, feed)
){table_end_by_key};
CREATE INDEX cases_of_institution ON cases (institution, state, due, record);
CREATE INDEX cases_of_authority ON cases (authority, state, due, record);
CREATE INDEX cases_reported ON cases (due, record) WHERE state = 'reported';
CREATE INDEX cases_due_moves ON cases (feed, record) WHERE due_moves = 1;

-- Admission tickets 准考证.
CREATE TABLE tickets (
    feed {int} NOT NULL DEFAULT 0,
    ticket {blob} NOT NULL,          -- keyed digest of the number
    record {int} NOT NULL,  -- the case
    PRIMARY KEY (ticket, feed)
){table_end_by_key};

-- Certificates, for counts and lists. The certificate itself is in its dossier.
CREATE TABLE certificates (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,
    version {int} NOT NULL,
    dossier {blob} NOT NULL,
    category TEXT NOT NULL,
    item TEXT NOT NULL,
    authority TEXT NOT NULL,
    status TEXT NOT NULL,               -- a word of docs/states.md; expiry follows from the day
    valid_until TEXT NOT NULL,          -- last valid day
    taken_over {int} NOT NULL,  -- 1 when it comes from a former register
    lapses_after TEXT,          -- the day of a recheck that it lapses without; none when it cannot
    proposed {int} NOT NULL,    -- 1 while a change waits for a second officer
    PRIMARY KEY (record, feed)
){table_end_by_key};
CREATE INDEX certificates_to_lapse ON certificates (lapses_after, record)
    WHERE lapses_after IS NOT NULL;

-- Inquiries 查询异议: what the public asks an authority. What was said is sealed.
CREATE TABLE inquiries (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,
    version {int} NOT NULL,
    reference {blob} NOT NULL,       -- keyed digest of the number the asker follows it by
    alike {blob} NOT NULL,           -- keyed digest of who asks what about whom: the same again
    office TEXT NOT NULL,               -- the authority it lies with
    state TEXT NOT NULL,                -- a word of docs/states.md
    since TEXT NOT NULL,                -- the day the limit of the answer runs from
    body {blob} NOT NULL,  -- the folded inquiry, sealed
    PRIMARY KEY (record, feed)
){table_end_by_key};
CREATE INDEX inquiries_of_office ON inquiries (office, state, since);
CREATE INDEX inquiries_by_reference ON inquiries (reference);
CREATE INDEX inquiries_alike ON inquiries (alike);

-- Accounts of officers.
CREATE TABLE staff (
    login TEXT PRIMARY KEY,             -- of an account; who that is stands in `accounts`
    password TEXT NOT NULL              -- argon2id, PHC string
){table_end};

-- Signed-in browsers. A row ends by its times, not by being removed.
CREATE TABLE web_sessions (
    token {blob} PRIMARY KEY,           -- SHA-256 of the cookie's value
    login TEXT NOT NULL,
    opened {int} NOT NULL,             -- when, UTC milliseconds
    seen {int} NOT NULL,               -- last request, UTC milliseconds
    ended {int} NOT NULL,              -- 1 after sign-out
    stage TEXT NOT NULL,                -- what is still wanted: full (nothing), code, enrol
    fresh {int} NOT NULL,              -- when a password or a code was last given
    address TEXT NOT NULL               -- where the browser was
){table_end};

-- Keys of programs that query.
CREATE TABLE api_keys (
    key {blob} PRIMARY KEY,             -- SHA-256 of the key
    label TEXT NOT NULL,
    ended {int} NOT NULL
){table_end};

-- Sheets that were checked and wait for the officer's word.
CREATE TABLE uploads (
    id {int} PRIMARY KEY,
    login TEXT NOT NULL,
    at {int} NOT NULL,
    body {blob}                         -- the file, sealed; emptied once taken
){table_end};
