-- Publications: packs and announcements, proposed by one officer and approved by another. Folded from
-- the events; what is in force is read from here when a program starts and when one is approved.
CREATE TABLE publications (
    feed {int} NOT NULL DEFAULT 0,
    record {int} NOT NULL,
    version {int} NOT NULL,
    kind TEXT NOT NULL,             -- rule_pack, catalogue or announcement
    body TEXT NOT NULL,             -- the folded publication with all that it publishes, JSON
    PRIMARY KEY (record, feed)
){table_end_by_key};
