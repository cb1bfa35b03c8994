//! Rows of a batch that say something else than a certificate that is there: shown side by side and
//! decided by people. What is there stands, on record; or one officer proposes that the file is
//! right, by a correction of the name or a cancellation with its evidence, another decides it, each
//! in the own name, and an issuer then takes what the file says. No row is lost.

use domain::{
    certificate::{Certificate, number_for},
    event::Act,
    former::{FormerRow, Meets},
    law::Ground,
    record::RecordId,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};

use super::{fold_batch, take_one};
use crate::registry::{
    Error, Officer, Registry, Result, chain,
    store::{Ask, Param, Row},
    tables,
    work::{Key, OWN, Work},
};

/// Another name stands with the document.
pub(super) const NAME: &str = "name";
/// The item's certificate says something else.
pub(super) const ITEM: &str = "item";
/// The ground on which a wrong certificate is cancelled (行政许可法 art. 70).
const CANCELLED_BY: &str = "otherwise_cancelled";

const PUT: &str = "-- differences::put
INSERT INTO takeover_differences (batch, row, why, state, login, body)
VALUES ($1, $2, $3, 'open', '', $4)";
const PAGE: &str = "-- differences::page
SELECT row, why, state, login, body FROM takeover_differences
WHERE batch = $1 AND row > $2 ORDER BY row LIMIT $3";
const ONE: &str = "-- differences::one
SELECT row, why, state, login, body FROM takeover_differences WHERE batch = $1 AND row = $2";
const CLEARED: &str = "-- differences::cleared
SELECT row, why, state, login, body FROM takeover_differences
WHERE batch = $1 AND state = 'file' ORDER BY row LIMIT 1000";
const DECIDED: &str = "-- differences::decided
UPDATE takeover_differences SET state = $3, login = $4 WHERE batch = $1 AND row = $2 AND state = $5";

/// A row and what it stands against.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The row of the file.
    pub row: u32,
    /// `name` or `item`.
    pub why: String,
    /// `open`, `proposed`, `ours`, `file` or `taken`.
    pub state: String,
    /// Who proposed or decided.
    pub login: String,
    /// What the file says.
    pub file: FormerRow,
    /// What is there, where it is the authority's own.
    pub ours: Vec<Certificate>,
    /// Something is there that is not the authority's to see.
    pub elsewhere: bool,
}

/// How a person decides.
#[derive(Clone, Debug)]
pub enum Settling {
    /// What is there stands.
    Ours {
        /// Why.
        reason: String,
    },
    /// What the file says shall be taken: proposed by the first who says so, decided by the second.
    File {
        /// What shows that the file is right; whoever decides may leave it at what was proposed.
        evidence: String,
    },
}

/// What became of the rows that were cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Taken over.
    pub taken: u32,
    /// Stand against something again; open anew.
    pub again: u32,
}

struct Laid {
    row: i64,
    why: String,
    state: String,
    login: String,
    file: FormerRow,
}

/// Lays a row aside for a person.
pub(super) fn lay_aside(
    work: &mut Work<'_>,
    batch: RecordId,
    number: u64,
    why: &str,
    row: &FormerRow,
) -> Result<()> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let body = serde_json::to_vec(row).map_err(|_| Error::Internal("differences::lay_aside"))?;
    let sealed = work.registry.seal(&aad(batch, number), &body);
    let row = [
        batch.as_i64().into(),
        number.into(),
        why.into(),
        Param::Blob(&sealed),
    ];
    work.tx.execute(PUT, &row)?;
    Ok(())
}

fn aad(batch: RecordId, row: i64) -> [u8; 26] {
    let mut aad = [0; 26];
    aad[..10].copy_from_slice(b"difference");
    aad[10..18].copy_from_slice(&batch.as_i64().to_be_bytes());
    aad[18..].copy_from_slice(&row.to_be_bytes());
    aad
}

impl Registry {
    fn laid(&self, batch: RecordId, row: &Row) -> Result<Laid> {
        let number = row.int(0)?;
        let body = self
            .keyring
            .open(&aad(batch, number), row.blob(4)?)
            .map_err(|_| Error::Sealed("a difference"))?;
        Ok(Laid {
            row: number,
            why: row.text(1)?.to_owned(),
            state: row.text(2)?.to_owned(),
            login: row.text(3)?.to_owned(),
            file: serde_json::from_slice(&body)
                .map_err(|_| Error::Internal("differences::laid"))?,
        })
    }

    /// Some differences of a batch of the officer's authority, after a row of the file.
    ///
    /// # Errors
    /// `NotFound` for another authority's batch.
    pub fn differences(
        &self,
        batch: RecordId,
        by: &Officer,
        after: u32,
        most: u32,
    ) -> Result<Vec<Difference>> {
        self.takeover_of(batch, &by.office)?;
        self.store.read(|r| {
            let asked = [batch.as_i64().into(), after.into(), most.into()];
            let mut told = Vec::new();
            for row in r.query(PAGE, &asked)? {
                let laid = self.laid(batch, &row)?;
                let all = self.met(r, &laid)?;
                let count = all.len();
                let own = |c: &Certificate| c.says.authority == by.office;
                let ours: Vec<Certificate> = all.into_iter().filter(own).collect();
                told.push(Difference {
                    row: u32::try_from(laid.row).unwrap_or(u32::MAX),
                    why: laid.why,
                    state: laid.state,
                    login: laid.login,
                    file: laid.file,
                    elsewhere: ours.len() < count || count == 0,
                    ours,
                });
            }
            Ok(told)
        })
    }

    /// The certificates a row stands against.
    fn met(&self, r: &mut dyn Ask, laid: &Laid) -> Result<Vec<Certificate>> {
        let document = self.keyring.document_key(&laid.file.holder.document);
        let asked = [Param::Blob(&document), OWN.into()];
        let Some(known) = r.query_opt(tables::PERSON, &asked)? else {
            return Ok(Vec::new());
        };
        let key: Key = known.bytes(0)?;
        let Some(row) = r.query_opt(tables::DOSSIER, &[Param::Blob(&key), OWN.into()])? else {
            return Ok(Vec::new());
        };
        let dossier = self.open_dossier(OWN, &key, row.blob(0)?)?;
        let named = laid.why == NAME;
        let mut all = dossier.certificates;
        all.retain(|c| named || c.says.item == laid.file.item);
        Ok(all)
    }

    /// Decides on one difference, or proposes to decide it for the file.
    ///
    /// # Errors
    /// `RoleNotAllowed`, `GroundMissing`; `WrongState` when it is decided already; for the file also
    /// what forbids a correction or a cancellation, and `SecondPersonRequired` for whoever proposed.
    pub fn settle_difference(
        &self,
        batch: RecordId,
        row: u32,
        how: &Settling,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        self.takeover_of(batch, &by.office)?;
        let mut work = self.work()?;
        let found = work
            .tx
            .query_opt(ONE, &[batch.as_i64().into(), row.into()])?
            .ok_or(Error::NotFound)?;
        let laid = self.laid(batch, &found)?;
        if !matches!(laid.state.as_str(), "open" | "proposed") {
            return Err(Refusal::WrongState.into());
        }
        let state = match how {
            Settling::Ours { reason } => {
                keep(&mut work, batch, row, reason, by, now)?;
                decline(&mut work, &laid, reason, by, now)?;
                "ours"
            }
            Settling::File { evidence } => {
                let mut clearing = Clearing {
                    evidence: evidence.trim().to_owned(),
                    proposed: false,
                };
                clear(&mut work, &laid, &mut clearing, by, now)?;
                if clearing.proposed {
                    "proposed"
                } else {
                    way_is_free(&mut work, batch, &laid, &clearing.evidence, by, now)?
                }
            }
        };
        decided(&mut work, batch, laid.row, (&laid.state, state), &by.login)?;
        work.commit()
    }

    /// Takes over what was decided for the file.
    ///
    /// # Errors
    /// `RoleNotAllowed`; what the database says.
    pub fn take_settled(&self, batch: RecordId, by: &Officer, now: Timestamp) -> Result<Settled> {
        self.takeover_of(batch, &by.office)?;
        let mut work = self.work()?;
        let now = Work::not_before(now, work.batch(batch)?.value.last);
        let today = domain::event::legal_day(now);
        let mut settled = Settled::default();
        for found in work.tx.query(CLEARED, &[batch.as_i64().into()])? {
            let laid = self.laid(batch, &found)?;
            let free = way(&mut work, &laid.file, today)?;
            let (state, login) = (if free.is_some() { "taken" } else { "open" }, &by.login);
            decided(&mut work, batch, laid.row, ("file", state), login)?;
            match free {
                Some(key) => {
                    take_one(&mut work, batch, key, laid.file, by, now)?;
                    settled.taken += 1;
                }
                None => settled.again += 1,
            }
        }
        work.commit()?;
        Ok(settled)
    }
}

/// What is there stands, on record.
fn keep(
    work: &mut Work<'_>,
    batch: RecordId,
    row: u32,
    reason: &str,
    by: &Officer,
    now: Timestamp,
) -> Result<()> {
    let at = Work::not_before(now, work.batch(batch)?.value.last);
    let act = Act::DifferenceKept {
        row,
        reason: reason.to_owned(),
    };
    let event = chain::event(batch, act, by, at)?;
    fold_batch(work, batch, &event)?;
    work.journal(&event)
}

/// The dossier a row can be taken into; none while something stands against it.
fn way(work: &mut Work<'_>, row: &FormerRow, today: Date) -> Result<Option<Key>> {
    let key = match work.dossier_of(&row.holder) {
        Ok(key) => key,
        Err(Error::Refused(Refusal::NameConflict)) => return Ok(None),
        Err(other) => return Err(other),
    };
    let dossier = &work.dossier(&key)?.value;
    let free = match row.meets(dossier, today) {
        Meets::Nothing => true,
        // A cancelled one with the same term stands in nobody's way.
        Meets::Differs(id) => dossier.certificate(id).is_some_and(Certificate::has_ended),
        Meets::Same(_) => false,
    };
    Ok(free.then_some(key))
}

fn decided(
    work: &mut Work<'_>,
    batch: RecordId,
    row: i64,
    (from, to): (&str, &str),
    login: &str,
) -> Result<()> {
    let params = [
        batch.as_i64().into(),
        row.into(),
        to.into(),
        login.into(),
        from.into(),
    ];
    work.tx.change_one(DECIDED, &params)?;
    Ok(())
}

/// What is done to clear the way.
struct Clearing {
    /// What shows that the file is right.
    evidence: String,
    /// Something was proposed, and waits for another officer.
    proposed: bool,
}

/// What became of a row that nothing stands against any more.
fn way_is_free(
    work: &mut Work<'_>,
    batch: RecordId,
    laid: &Laid,
    evidence: &str,
    by: &Officer,
    now: Timestamp,
) -> Result<&'static str> {
    let key = work.dossier_of(&laid.file.holder)?;
    let today = domain::event::legal_day(now);
    let met = laid.file.meets(&work.dossier(&key)?.value, today);
    if matches!(met, Meets::Same(_)) {
        // Put right, it is the certificate of the file: nothing is left to take.
        let row = u32::try_from(laid.row).unwrap_or(u32::MAX);
        keep(work, batch, row, evidence, by, now)?;
        Ok("taken")
    } else {
        Ok("file")
    }
}

/// The correction that puts the file's name or document on a certificate.
fn correction(laid: &Laid, c: &Certificate, evidence: &str) -> Act {
    let holder = &laid.file.holder;
    Act::Corrected {
        holder: Box::new(holder.clone()),
        number: number_for(c.says.category, &holder.document),
        evidence: evidence.to_owned(),
        sha256: String::new(),
    }
}

/// Makes room for what the file says: the name of all certificates under the document is put right,
/// or the item's certificate that stands against it cancelled.
fn clear(
    work: &mut Work<'_>,
    laid: &Laid,
    clearing: &mut Clearing,
    by: &Officer,
    now: Timestamp,
) -> Result<()> {
    let holder = &laid.file.holder;
    if laid.why == NAME {
        for c in work.registry.met(&mut work.tx, laid)? {
            if c.says.holder != *holder {
                let act = correction(laid, &c, &clearing.evidence);
                change(work, c.says.certificate, act, clearing, by, now)?;
            }
        }
        return Ok(());
    }
    let key = work.dossier_of(holder)?;
    let today = domain::event::legal_day(now);
    loop {
        let dossier = &work.dossier(&key)?.value;
        let Meets::Differs(id) = laid.file.meets(dossier, today) else {
            return Ok(());
        };
        if dossier.certificate(id).is_none_or(Certificate::has_ended) {
            return Ok(());
        }
        let ground = Ground::of(CANCELLED_BY, &clearing.evidence);
        change(work, id, Act::Cancelled(ground), clearing, by, now)?;
        if clearing.proposed {
            return Ok(());
        }
    }
}

/// Decides what was proposed of a certificate by this difference; where nothing was, proposes it.
fn change(
    work: &mut Work<'_>,
    id: RecordId,
    act: Act,
    clearing: &mut Clearing,
    by: &Officer,
    now: Timestamp,
) -> Result<()> {
    let certificate = work.certificate(id)?;
    let today = domain::event::legal_day(Work::not_before(now, certificate.last));
    let act = match &certificate.proposal {
        Some(open) if asks_for(&open.act, &act) => {
            let decides = open.decided_on(today, &certificate);
            if let Some(evidence) = evidence_of(&decides) {
                clearing.evidence = evidence;
            }
            decides
        }
        Some(_) => return Err(Refusal::ProposalOpen.into()),
        None if clearing.evidence.is_empty() => return Err(Refusal::GroundMissing.into()),
        None => {
            clearing.proposed = true;
            Act::ChangeProposed(Box::new(act))
        }
    };
    chain::change(work, certificate, act, by, now)
}

/// Whether a proposal is the one that a difference makes, whatever its evidence.
fn asks_for(proposed: &Act, wanted: &Act) -> bool {
    match (proposed, wanted) {
        (Act::Corrected { holder: a, .. }, Act::Corrected { holder: b, .. }) => a == b,
        (Act::Cancelled(a), Act::Cancelled(b)) => a.code == b.code,
        _ => false,
    }
}

fn evidence_of(act: &Act) -> Option<String> {
    match act {
        Act::Corrected { evidence, .. } => Some(evidence.clone()),
        Act::Cancelled(ground) => Some(ground.addition.clone()),
        _ => None,
    }
}

/// What was proposed by a difference is not done: what is there stands.
fn decline(
    work: &mut Work<'_>,
    laid: &Laid,
    reason: &str,
    by: &Officer,
    now: Timestamp,
) -> Result<()> {
    if laid.state != "proposed" {
        return Ok(());
    }
    for c in work.registry.met(&mut work.tx, laid)? {
        let wanted = if laid.why == NAME {
            correction(laid, &c, "")
        } else {
            Act::Cancelled(Ground::of(CANCELLED_BY, ""))
        };
        if c.proposal
            .as_ref()
            .is_some_and(|p| asks_for(&p.act, &wanted))
        {
            let reason = reason.to_owned();
            // Loaded inside the turn, so that its place is known when it is saved.
            let certificate = work.certificate(c.says.certificate)?;
            chain::change(work, certificate, Act::ProposalDeclined { reason }, by, now)?;
        }
    }
    Ok(())
}
