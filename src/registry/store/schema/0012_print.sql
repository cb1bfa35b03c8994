-- Runs 制证批次: cards that were made together carry one number, and the number is all a run is. What
-- an issuer asks of them is answered by the rows of the cases, by these two.

-- The cards of a run in the order of their lines, and the runs of an authority.
CREATE INDEX cases_of_run ON cases (authority, made_in, record, card) WHERE made_in IS NOT NULL AND feed = 0;

-- What is still to be issued, to be printed or to be fetched, first what is due first.
CREATE INDEX cases_by_card ON cases (authority, card, due, record) WHERE card IS NOT NULL AND feed = 0;
