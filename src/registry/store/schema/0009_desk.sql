-- What officers need to find their work: the ways through a long queue, who took a case into hand,
-- saved views, and the persons of a name.

-- The ways through the cases of an office. A queue is read in the order of one of them, from a place
-- on it, so a page costs the same however long the queue is (docs/desk.md).
CREATE INDEX cases_of_authority_since ON cases (authority, state, since, record);
CREATE INDEX cases_of_authority_item ON cases (authority, state, item, due, record);
CREATE INDEX cases_of_authority_place ON cases (authority, state, institution, due, record);
CREATE INDEX cases_of_authority_kind ON cases (authority, state, kind, due, record);
CREATE INDEX cases_of_institution_since ON cases (institution, state, since, record);
CREATE INDEX cases_of_institution_item ON cases (institution, state, item, due, record);
CREATE INDEX cases_of_session ON cases (session, state, due, record);

-- The certificates an authority issued, as they are exported.
CREATE INDEX certificates_of_authority ON certificates (authority, valid_until, record);

-- The persons of a name. Made from the journal like every other record.
CREATE TABLE names (
    feed {int} NOT NULL DEFAULT 0,
    name {blob} NOT NULL,            -- keyed digest of the folded name
    dossier {blob} NOT NULL,  -- the dossier's key
    PRIMARY KEY (name, dossier, feed)
){table_end_by_key};

-- Who has taken a case into hand. Not made from the journal: it says who means to act, and the event
-- says who did. It ends by itself when the case goes on to another state.
CREATE TABLE claims (
    record {int} NOT NULL PRIMARY KEY,  -- the case
    login TEXT NOT NULL,                -- the officer; empty when it was given back
    state TEXT NOT NULL,                -- the state of the case for which it holds
    at {int} NOT NULL                  -- since when, UTC milliseconds
){table_end};
CREATE INDEX claims_of ON claims (login, record);

-- Filters of the queue under a name of the officer's own.
CREATE TABLE desk_views (
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    filters TEXT NOT NULL,              -- as they stand in the address; empty when given up
    at {int} NOT NULL,                 -- when it was saved, UTC milliseconds
    PRIMARY KEY (login, name)
){table_end_by_key};
