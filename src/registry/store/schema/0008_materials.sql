-- Files handed in with reports, and lists that came too late. Not made from the journal: the journal
-- has the digest of each file that was reported, and of a refused list nothing.

-- append only: materials
-- append only: second_lists

-- Materials 申请材料 of cases, as pictures of our own making. One that is replaced stays.
CREATE TABLE materials (
    -- the case
    record      {int}   NOT NULL,
    -- its number within the case, from 1
    nr          {int}   NOT NULL CHECK (nr > 0),
    -- what it is, by its code
    kind        TEXT    NOT NULL,
    -- which sheet of that kind, from 1; the highest number of a kind and page counts
    page        {int}   NOT NULL CHECK (page > 0),
    -- SHA-256 of the bytes that are kept
    sha256      {blob}  NOT NULL CHECK (LENGTH(sha256) = 32),
    -- how many bytes
    size        {int}   NOT NULL CHECK (size > 0),
    -- when, UTC milliseconds, and by whose login
    at          {int}   NOT NULL,
    login       TEXT    NOT NULL,
    -- the picture, sealed
    body        {blob}  NOT NULL,
    PRIMARY KEY (record, nr)
){table_end};

-- A second, different list of what is missing that an officer tried to send: the law allows one.
CREATE TABLE second_lists (
    -- the authority
    office      TEXT    NOT NULL,
    -- when, UTC milliseconds
    at          {int}   NOT NULL,
    -- the case
    record      {int}   NOT NULL,
    -- who tried, by login
    login       TEXT    NOT NULL,
    -- the new items of the list, sealed
    body        {blob}  NOT NULL,
    PRIMARY KEY (office, at, record)
){table_end_by_key};
