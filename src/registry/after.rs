//! After the issue: the certificates of an authority as a list, one of them with all that is about
//! it, and what waits for a second officer or for another authority.

use domain::{
    case::Case, certificate::Certificate, event::Act, record::RecordId, refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};

use super::{
    CertificateFile, Error, Officer, Registry, Result,
    store::{Ask, Param, Reader},
    tables,
    work::{Key, OWN, Work},
};

/// What is asked of the list of certificates.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Recorded states; all when empty.
    pub states: Vec<&'static str>,
    /// Last valid day, from and to; for rechecks the day they are due.
    pub days: Option<(Date, Date)>,
    /// By the day of a recheck, and not by the end of the term.
    pub rechecks: bool,
    /// After this line.
    pub after: Option<(String, RecordId)>,
    /// At most so many, first what ends first.
    pub limit: u16,
}

/// A line of the list.
#[derive(Clone, Debug)]
pub struct CertificateLine {
    /// The certificate.
    pub certificate: Certificate,
    /// Name of the item.
    pub item: String,
}

/// A certificate with its story, and the cases about it that lie beside it.
#[derive(Clone, Debug)]
pub struct Held {
    /// With its story.
    pub file: CertificateFile,
    /// Oldest first.
    pub cases: Vec<Case>,
    /// Whether a ban bars a new application of the holder today.
    pub banned: bool,
}

const LIST: &str = "-- after::list
SELECT record, dossier, valid_until FROM certificates WHERE authority = $1 AND status = $2
AND feed = 0 AND valid_until >= $3 AND valid_until <= $4
AND (valid_until > $5 OR (valid_until = $5 AND record > $6))
ORDER BY valid_until, record LIMIT $7";
const RECHECKS: &str = "-- after::rechecks
SELECT record, dossier, lapses_after FROM certificates WHERE authority = $1 AND status = $2
AND feed = 0 AND lapses_after >= $3 AND lapses_after <= $4
AND (lapses_after > $5 OR (lapses_after = $5 AND record > $6))
ORDER BY lapses_after, record LIMIT $7";
const PROPOSED: &str = "-- after::proposed
SELECT record, dossier FROM certificates WHERE authority = $1 AND proposed = 1 AND feed = 0
ORDER BY record LIMIT $2";
const OFFERED: &str = "-- after::offered
SELECT record, dossier FROM cases WHERE offered_to = $1 AND feed = 0 ORDER BY record LIMIT $2";

/// Of what waits for an answer, at most so many are told, the oldest records first: they are there
/// to be answered.
const MOST_WAITING: i64 = 500;

/// The words of the states, for a list of all.
pub const STATES: [&str; 5] = ["valid", "suspended", "lapsed", "revoked", "cancelled"];

impl Registry {
    /// The certificates of the officer's own authority, first what ends first.
    ///
    /// # Errors
    /// What the database says.
    pub fn certificates(&self, officer: &Officer, asked: &Asked) -> Result<Vec<CertificateLine>> {
        let sql = if asked.rechecks { RECHECKS } else { LIST };
        let (first, last) = match asked.days {
            Some((first, last)) => (first.to_string(), last.to_string()),
            None => (Date::ZERO.to_string(), tables::NEVER.to_owned()),
        };
        let (from, record) = match &asked.after {
            Some((day, record)) => (day.as_str(), record.as_i64()),
            None => ("", -1),
        };
        let states = if asked.states.is_empty() {
            &STATES[..]
        } else {
            &asked.states
        };
        self.store.read(|r| {
            let mut rows = Vec::new();
            for state in states {
                let asked = [
                    officer.office.as_str().into(),
                    (*state).into(),
                    (&first).into(),
                    (&last).into(),
                    from.into(),
                    record.into(),
                    i64::from(asked.limit).into(),
                ];
                for row in r.query(sql, &asked)? {
                    rows.push((row.text(2)?.to_owned(), row.int(0)?, row));
                }
            }
            rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
            rows.truncate(usize::from(asked.limit));
            let mut lines = Vec::with_capacity(rows.len());
            for (_, id, row) in &rows {
                lines.push(self.held_line(r, RecordId::from_i64(*id), &row.bytes(1)?)?);
            }
            Ok(lines)
        })
    }

    fn held_line(&self, r: &mut Reader<'_>, id: RecordId, key: &Key) -> Result<CertificateLine> {
        let sealed = r
            .query_opt(tables::DOSSIER, &[Param::Blob(key), OWN.into()])?
            .ok_or(Error::Internal("after::held_line"))?;
        let dossier = self.open_dossier(OWN, key, sealed.blob(0)?)?;
        let certificate = dossier.certificate(id).cloned();
        let certificate = certificate.ok_or(Error::Internal("after::held_line"))?;
        let item = self.item_name(&certificate.says.item);
        Ok(CertificateLine { certificate, item })
    }

    /// One certificate of the officer's own authority, and what is about it.
    ///
    /// # Errors
    /// `NotFound` also when it is another authority's: nobody learns that it exists.
    pub fn holding(&self, officer: &Officer, id: RecordId, today: Date) -> Result<Held> {
        let file = self.certificate_file(officer, id)?;
        let says = &file.certificate.says;
        let key = self
            .keyring
            .dossier_key(&says.holder.document, &says.holder.name);
        let row = self.store.read(|r| {
            Ok::<_, Error>(r.query_opt(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])?)
        })?;
        let row = row.ok_or(Error::Internal("after::holding"))?;
        let dossier = self.open_dossier(OWN, &key, row.blob(0)?)?;
        let banned = dossier.banned_on(says.category, today);
        let about = |case: &Case| {
            let r = &case.registration;
            case.state.certificate() == Some(id)
                || r.replaces == Some(id)
                || ((r.category, &r.item) == (says.category, &says.item) && !case.state.is_over())
        };
        let cases = dossier.cases.into_iter().filter(about).collect();
        Ok(Held {
            file,
            cases,
            banned,
        })
    }

    /// What an act after the issue would come to, if this officer did it now: nothing is recorded.
    ///
    /// # Errors
    /// Why not.
    pub fn would(
        &self,
        certificate: &Certificate,
        act: Act,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let at = Work::not_before(now, certificate.last);
        let act = certificate.filled(act, domain::event::legal_day(at))?;
        let acting = by.acting(&act)?;
        certificate.clone().act(act, acting, at)?;
        Ok(())
    }

    /// Decides what another officer proposed: a ban runs from now.
    ///
    /// # Errors
    /// `NotProposed`; `SecondPersonRequired` for the one who proposed it; those of
    /// [`Registry::change_certificate`].
    pub fn decide(&self, id: RecordId, by: &Officer, now: Timestamp) -> Result<&'static str> {
        let file = self.certificate_file(by, id)?;
        let today = domain::event::legal_day(now);
        let proposal = file.certificate.proposal.as_ref();
        let act = proposal
            .ok_or(Refusal::NotProposed)?
            .decided_on(today, &file.certificate);
        let kind = act.kind();
        // What was read may have been changed since: then it is not what was proposed any more.
        self.change_certificate(id, act, by, now)?;
        Ok(kind)
    }

    /// The certificates of the officer's own authority with a proposal that nobody decided yet.
    ///
    /// # Errors
    /// What the database says.
    pub fn proposals(&self, officer: &Officer) -> Result<Vec<CertificateLine>> {
        self.waiting(PROPOSED, officer, Self::held_line)
    }

    /// The cases that were offered to the officer's own authority.
    ///
    /// # Errors
    /// What the database says.
    pub fn offered(&self, officer: &Officer) -> Result<Vec<Case>> {
        self.waiting(OFFERED, officer, Self::read_case)
    }

    fn waiting<T>(
        &self,
        sql: &'static str,
        officer: &Officer,
        read: impl Fn(&Self, &mut Reader<'_>, RecordId, &Key) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.store.read(|r| {
            let rows = r.query(sql, &[officer.office.as_str().into(), MOST_WAITING.into()])?;
            rows.iter()
                .map(|row| read(self, r, RecordId::from_i64(row.int(0)?), &row.bytes(1)?))
                .collect()
        })
    }
}
