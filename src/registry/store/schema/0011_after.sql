-- After the issue: what an authority looks through by status and last valid day, and what waits for
-- the answer of a second officer or of another authority.

CREATE INDEX certificates_ending ON certificates (authority, status, valid_until, record)
    WHERE feed = 0;
CREATE INDEX journal_waiting ON journal (kind, idx)
    WHERE feed = 0 AND kind IN ('change_proposed', 'transfer_offered');
