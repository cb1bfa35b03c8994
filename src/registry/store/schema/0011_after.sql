-- After the issue: what an authority looks through by status and last valid day, and what waits for
-- the answer of a second officer or of another authority.

CREATE INDEX certificates_ending ON certificates (authority, status, valid_until, record)
    WHERE feed = 0;
CREATE INDEX certificates_proposed ON certificates (authority, record) WHERE proposed = 1 AND feed = 0;
CREATE INDEX cases_offered ON cases (offered_to, record) WHERE offered_to IS NOT NULL AND feed = 0;
