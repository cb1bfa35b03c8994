//! Materials of cases: pictures that wait with a case until it is reported, and the check that a
//! report brings what the authority asks for.
//!
//! The institution puts files in while the case lies with it. A report takes the files that count
//! then, by digest, into its event; from that moment the authority may see them. Rows are only
//! added: what was replaced stays, so that the digest of an old event always finds its bytes.

mod second;

use domain::{
    case::{Case, State},
    event::{Act, Answered, Material},
    law,
    material::{self, MaterialKind, Need},
    office::OfficeKind,
    record::RecordId,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};
use sha2::{Digest, Sha256};

pub use self::second::SecondList;
use super::{
    Error, Officer, Registry, Result,
    store::{Ask, Row},
    work::Work,
};

/// What reports must bring, as the authority's node is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Demand {
    /// The list is shown, and nothing is held against a report.
    #[default]
    Shown,
    /// Every material is named with a digest; where the file lies is the office's affair.
    Digest,
    /// Every material is a file in this register, and every item of a return is answered.
    File,
}

/// A file to be put in: a picture that was made anew from what was sent.
#[derive(Clone, Copy, Debug)]
pub struct NewMaterial<'a> {
    /// What it is.
    pub kind: MaterialKind,
    /// Which sheet of that kind, from 1.
    pub page: u8,
    /// The bytes to keep.
    pub bytes: &'a [u8],
}

/// A file that is kept, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number within the case.
    pub nr: i64,
    /// What it is.
    pub kind: MaterialKind,
    /// Which sheet of that kind.
    pub page: i64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub size: i64,
    /// When it was put in.
    pub at: Timestamp,
    /// By whom.
    pub login: String,
    /// No later file took its place.
    pub counts: bool,
    /// It stands in a report.
    pub reported: bool,
}

impl Kept {
    /// As an event names it.
    #[must_use]
    pub fn material(&self) -> Material {
        let title = self.kind.title();
        Material {
            title: if self.page == 1 {
                title.to_owned()
            } else {
                format!("{title} {}", self.page)
            },
            sha256: self.sha256.clone(),
            kind: self.kind,
        }
    }
}

/// The materials of one case, as its reader may see them.
#[derive(Clone, Debug)]
pub struct MaterialFile {
    /// The case.
    pub case: Case,
    /// What the law of the day asks for.
    pub needs: &'static [Need],
    /// The files.
    pub kept: Vec<Kept>,
    /// What is needed and not there: neither kept nor named in the last report.
    pub lacking: Vec<MaterialKind>,
    /// What the last report named.
    pub named: Vec<Material>,
    /// What was answered to the list of the last return.
    pub answers: Vec<Answered>,
    /// The reader may put files in.
    pub open: bool,
}

/// So many sheets of one kind at most.
pub const PAGES: u8 = 9;
/// So many files of one case at most, those included that were replaced.
const MOST: i64 = 100;

const PUT: &str = "-- materials::put
INSERT INTO materials (record, nr, kind, page, sha256, size, at, login, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const OF_CASE: &str = "-- materials::of_case
SELECT nr, kind, page, sha256, size, at, login FROM materials WHERE record = $1 ORDER BY nr";
const ONE: &str = "-- materials::one
SELECT nr, kind, page, sha256, size, at, login, body FROM materials
WHERE record = $1 AND nr = $2";

/// While a case lies with its institution, files may be put in.
fn is_open(case: &Case) -> bool {
    matches!(
        case.state,
        State::Registered | State::Examined | State::Confirmed { .. } | State::Returned { .. }
    )
}

/// What a report of this case must bring if it came on `today`.
fn needs_on(case: &Case, today: Date) -> &'static [Need] {
    let r = &case.registration;
    material::needed(law::on(today).name, r.kind, r.category, &r.item)
}

impl Registry {
    /// What reports must bring here.
    #[must_use]
    pub fn demand(&self) -> Demand {
        self.demand
    }

    /// Sets what reports must bring here, before anything is served.
    pub fn demands(&mut self, demand: Demand) {
        self.demand = demand;
    }

    /// Puts a file in with a case of the officer's own institution. The same bytes for the same
    /// sheet are kept once.
    ///
    /// # Errors
    /// `NotFound` for another office's case, `WrongState` while it does not lie with the
    /// institution.
    pub fn put_material(
        &self,
        id: RecordId,
        new: NewMaterial<'_>,
        by: &Officer,
        now: Timestamp,
    ) -> Result<i64> {
        let mut work = self.work()?;
        let nr = put(&mut work, id, new, by, now)?;
        work.commit()?;
        Ok(nr)
    }

    /// Puts files in with the cases their ticket numbers name, each answered for.
    ///
    /// # Errors
    /// What the database says.
    pub fn put_materials(
        &self,
        files: &[(&str, NewMaterial<'_>)],
        by: &Officer,
        now: Timestamp,
    ) -> Result<Vec<std::result::Result<RecordId, Refusal>>> {
        let mut work = self.work()?;
        let mut done = Vec::with_capacity(files.len());
        for (ticket, new) in files {
            let one = match work.ticket(ticket)? {
                Some(id) => put(&mut work, id, *new, by, now).map(|_| id),
                None => Err(Error::NotFound),
            };
            done.push(match one {
                Ok(id) => Ok(id),
                // Another office's ticket is as unknown as none at all.
                Err(Error::NotFound) => Err(Refusal::Unknown),
                Err(Error::Refused(refusal)) => Err(refusal),
                Err(other) => return Err(other),
            });
        }
        work.commit()?;
        Ok(done)
    }

    /// The materials of a case of the officer's own office. The authority sees what was reported.
    ///
    /// # Errors
    /// `NotFound` also when it is another office's.
    pub fn materials(&self, officer: &Officer, id: RecordId, today: Date) -> Result<MaterialFile> {
        let file = self.case_file(officer, id, today)?;
        let acts: Vec<_> = file.story.iter().map(|(_, e)| &e.act).collect();
        let named = reported(&acts);
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(OF_CASE, &[id.as_i64().into()])?))?;
        let mut kept = kept_of(&rows)?;
        for one in &mut kept {
            one.reported = named.iter().any(|m| m.sha256 == one.sha256);
        }
        let own = officer.office == file.case.registration.institution;
        if !own {
            kept.retain(|one| one.reported);
        }
        // A report on paper is looked at under the law of its own day.
        let day = match &file.case.state {
            State::Reported { on, .. } | State::Accepted { on, .. } => *on,
            _ => today,
        };
        let needs = needs_on(&file.case, day);
        let last = last_reported(&acts);
        let counting = kept.iter().filter(|one| one.counts).map(Kept::material);
        let given: Vec<_> = counting.chain(last.iter().cloned()).collect();
        Ok(MaterialFile {
            lacking: material::lacking(needs, &given, self.demand != Demand::Shown),
            needs,
            kept,
            named: last,
            answers: last_answers(&acts),
            open: own && is_open(&file.case),
            case: file.case,
        })
    }

    /// The bytes of one file, for whoever may see it: a JPEG of our own making.
    ///
    /// # Errors
    /// `NotFound` also when the reader may not see it.
    pub fn material(
        &self,
        officer: &Officer,
        id: RecordId,
        nr: i64,
        today: Date,
    ) -> Result<Vec<u8>> {
        let file = self.materials(officer, id, today)?;
        if !file.kept.iter().any(|one| one.nr == nr) {
            return Err(Error::NotFound);
        }
        let row = self.store.read(|r| {
            let asked = [id.as_i64().into(), nr.into()];
            Ok::<_, Error>(r.query_opt(ONE, &asked)?)
        })?;
        let row = row.ok_or(Error::NotFound)?;
        let digest: [u8; 32] = row.bytes(3)?;
        let bytes = self
            .keyring
            .open(&aad(id, &digest), row.blob(7)?)
            .map_err(|_| Error::Sealed("a material"))?;
        Ok(bytes.to_vec())
    }
}

fn put(
    work: &mut Work<'_>,
    id: RecordId,
    new: NewMaterial<'_>,
    by: &Officer,
    now: Timestamp,
) -> Result<i64> {
    let case = work.case(id)?;
    if by.office != case.registration.institution {
        return Err(Error::NotFound);
    }
    if !is_open(&case) {
        return Err(Refusal::WrongState.into());
    }
    let before = kept_of(&work.tx.query(OF_CASE, &[id.as_i64().into()])?)?;
    let digest: [u8; 32] = Sha256::digest(new.bytes).into();
    let (page, hex) = (i64::from(new.page.clamp(1, PAGES)), hex(&digest));
    let same = |one: &&Kept| one.counts && (one.kind, one.page) == (new.kind, page);
    if let Some(there) = before.iter().find(same).filter(|one| one.sha256 == hex) {
        return Ok(there.nr);
    }
    let nr = before.last().map_or(1, |one| one.nr + 1);
    if nr > MOST {
        return Err(Refusal::TooManyFiles.into());
    }
    let body = work.registry.seal(&aad(id, &digest), new.bytes);
    let size = i64::try_from(new.bytes.len()).map_err(|_| Error::Internal("materials::put"))?;
    let row = [
        id.as_i64().into(),
        nr.into(),
        new.kind.code().into(),
        page.into(),
        (&digest).into(),
        size.into(),
        now.as_millisecond().into(),
        (&by.login).into(),
        (&body).into(),
    ];
    work.tx.execute(PUT, &row)?;
    Ok(nr)
}

fn kept_of(rows: &[Row]) -> Result<Vec<Kept>> {
    let mut all: Vec<Kept> = Vec::with_capacity(rows.len());
    for row in rows {
        let wrong = || Error::Internal("materials::kept_of");
        let one = Kept {
            nr: row.int(0)?,
            kind: MaterialKind::from_code(row.text(1)?).ok_or_else(wrong)?,
            page: row.int(2)?,
            sha256: hex(row.blob(3)?),
            size: row.int(4)?,
            at: Timestamp::from_millisecond(row.int(5)?).map_err(|_| wrong())?,
            login: row.text(6)?.to_owned(),
            counts: true,
            reported: false,
        };
        let replaced = all
            .iter_mut()
            .filter(|old| (old.kind, old.page) == (one.kind, one.page));
        replaced.for_each(|old| old.counts = false);
        all.push(one);
    }
    Ok(all)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What a file's sealed bytes are bound to: the case and the digest of what is inside.
fn aad(id: RecordId, digest: &[u8; 32]) -> [u8; 48] {
    let mut aad = [0; 48];
    aad[..8].copy_from_slice(b"material");
    aad[8..16].copy_from_slice(&id.as_i64().to_be_bytes());
    aad[16..].copy_from_slice(digest);
    aad
}

/// Everything that any report of the story named.
fn reported(acts: &[&Act]) -> Vec<Material> {
    acts.iter().flat_map(|act| of_act(act)).cloned().collect()
}

/// What the last report of the story named.
fn last_reported(acts: &[&Act]) -> Vec<Material> {
    let last = acts.iter().rev().find(|act| !of_act(act).is_empty());
    last.map(|act| of_act(act).to_vec()).unwrap_or_default()
}

fn last_answers(acts: &[&Act]) -> Vec<Answered> {
    let answered = acts.iter().rev().find_map(|act| match act {
        Act::Resubmitted { answers, .. } => Some(answers.clone()),
        _ => None,
    });
    answered.unwrap_or_default()
}

fn of_act(act: &Act) -> &[Material] {
    match act {
        Act::Reported { materials } | Act::Resubmitted { materials, .. } => materials,
        _ => &[],
    }
}

impl Work<'_> {
    /// What a report brings: what was named, and every file that counts and was not named.
    ///
    /// # Errors
    /// `MaterialMissing` when the authority asks for more.
    pub(super) fn handed_in(
        &mut self,
        case: &Case,
        named: &[Material],
        today: Date,
    ) -> Result<Vec<Material>> {
        let kept = kept_of(&self.tx.query(OF_CASE, &[case.id.as_i64().into()])?)?;
        let mut files: Vec<_> = kept.iter().filter(|one| one.counts).collect();
        files.sort_by_key(|one| (one.kind, one.page));
        let mut all = named.to_vec();
        for file in files {
            let same = |m: &Material| (m.kind, &m.sha256) == (file.kind, &file.sha256);
            if !all.iter().any(same) {
                all.push(file.material());
            }
        }
        let demand = self.registry.demand;
        let given: Vec<Material> = match demand {
            Demand::Shown => return Ok(all),
            Demand::Digest => all.clone(),
            // Only what lies here can be looked at.
            Demand::File => {
                let here = |m: &&Material| kept.iter().any(|one| one.sha256 == m.sha256);
                all.iter().filter(here).cloned().collect()
            }
        };
        if material::lacking(needs_on(case, today), &given, true).is_empty() {
            Ok(all)
        } else {
            Err(Refusal::MaterialMissing.into())
        }
    }
}

impl Registry {
    /// What cases of an institution still lack to be reported, in the order given.
    ///
    /// # Errors
    /// What the database says; `NotFound`.
    pub fn lacking(
        &self,
        officer: &Officer,
        cases: &[RecordId],
        today: Date,
    ) -> Result<Vec<Vec<MaterialKind>>> {
        let kind = self.office(&officer.office).map(|o| o.kind);
        if kind != Some(OfficeKind::Institution) {
            return Err(Error::NotFound);
        }
        let of = |id: &RecordId| Ok(self.materials(officer, *id, today)?.lacking);
        cases.iter().map(of).collect()
    }
}
