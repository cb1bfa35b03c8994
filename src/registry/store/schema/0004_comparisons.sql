-- Comparisons of a journal at home with its copy at the nation, each side's own.

-- append only: comparisons

CREATE TABLE comparisons (
    -- whose journal; 0 is this node's own, compared with its copy at the nation
    feed        {int}   NOT NULL,
    -- when, UTC milliseconds
    at          {int}   NOT NULL,
    -- how many entries, and what differed: JSON
    outcome     TEXT    NOT NULL,
    PRIMARY KEY (feed, at)
){table_end_by_key};

-- At the nation: somebody waits for a comparison. Fulfilled by the next one.
CREATE TABLE comparison_wishes (
    feed        {int}   NOT NULL PRIMARY KEY,
    -- when the last one was that there had been, UTC milliseconds; 0 where there was none
    after       {int}   NOT NULL
){table_end};
