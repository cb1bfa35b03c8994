-- Estimates that were shown, to be compared with what then happened. Not made from the journal, and
-- not part of what a check or a rebuild looks at.

-- At most one for a case and a day. Nothing here says who asked, or whose case it is.
CREATE TABLE estimates (
    -- the case
    record      {int}   NOT NULL,
    -- the day it was shown, YYYY-MM-DD; the first that was shown on a day stays
    shown       TEXT    NOT NULL,
    -- the code of the case's province; empty where it is not known
    province    TEXT    NOT NULL,
    -- why the certificate is applied for, and where the case stood
    kind        TEXT    NOT NULL,
    stage       TEXT    NOT NULL,
    -- the dates by which it was said to be done with 50, 80 and 95 %
    by_50       TEXT    NOT NULL,
    by_80       TEXT    NOT NULL,
    by_95       TEXT    NOT NULL,
    -- the distribution behind those dates, as `src/track/code.rs` writes it
    told        {blob}  NOT NULL,
    -- the same before it was steered by the record
    plain       {blob}  NOT NULL,
    -- the day the certificate became queryable nationwide; null while it is not
    ended       TEXT,
    PRIMARY KEY (record, shown)
){table_end_by_key};

-- What is scored is read by the day it ended.
CREATE INDEX estimates_ended ON estimates (ended);
