//! The directory of offices: who exists, who may examine what.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

use domain::{
    event::{Act, Event},
    law::{self, Ground},
    office::{Authorisation, By, Office, OfficeCode, OfficeKind},
    record::RecordId,
};
use jiff::Timestamp;

use super::{
    Error, Officer, Registry, Result,
    store::Ask,
    work::{Kept, OWN, Work, office_row},
};

/// All offices as they were when last read.
#[derive(Default)]
pub(super) struct Directory {
    /// By code.
    pub offices: BTreeMap<OfficeCode, Office>,
    /// The feeds of those that are known from the journal of another.
    pub homes: BTreeMap<OfficeCode, i64>,
    /// The authority, where there is but one.
    pub only_authority: Option<OfficeCode>,
}

const ALL: &str =
    "-- offices::all\nSELECT record, version, body, feed FROM offices ORDER BY feed DESC, code";

impl Registry {
    /// Enters an office.
    ///
    /// # Errors
    /// `AlreadyExists`, `RoleNotAllowed`.
    pub fn enter_office(&self, office: Office, by: &Officer, now: Timestamp) -> Result<()> {
        let mut work = self.work()?;
        if work.office(&office.code)?.is_some() {
            return Err(domain::refusal::Refusal::AlreadyExists.into());
        }
        let code = office.code.clone();
        let act = Act::OfficeEntered(Box::new(office));
        let event = event(&mut work, None, act, by, now)?;
        let value = Office::begun(&event)?;
        work.journal(&event)?;
        work.offices.insert(
            code,
            (
                event.record,
                Kept {
                    value,
                    version: 0,
                    touched: 1,
                    moved: false,
                },
            ),
        );
        work.commit()?;
        self.reload_directory()
    }

    /// Gives an institution its authorisation, or changes it.
    ///
    /// # Errors
    /// `Unknown`, `WrongState` for an office that is no institution, `RoleNotAllowed`.
    pub fn authorise(
        &self,
        code: &OfficeCode,
        given: Authorisation,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        self.change_office(code, Act::OfficeAuthorised(given), by, now)
    }

    /// An office may not act for now.
    ///
    /// # Errors
    /// `NotFound`, `AlreadySuspended`, `GroundMissing`, `RoleNotAllowed`.
    pub fn suspend_office(
        &self,
        code: &OfficeCode,
        ground: Ground,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        self.change_office(code, Act::OfficeSuspended(ground), by, now)
    }

    /// It may again, and why.
    ///
    /// # Errors
    /// `NotFound`, `NotSuspended`, `GroundMissing`, `RoleNotAllowed`.
    pub fn resume_office(
        &self,
        code: &OfficeCode,
        ground: Ground,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        self.change_office(code, Act::OfficeResumed(ground), by, now)
    }

    /// An office with everything that happened to it, oldest first; what is known of another's
    /// journal has no story here.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn office_file(&self, code: &OfficeCode) -> Result<(Office, Vec<(i64, Event)>)> {
        let office = self.office(code).ok_or(Error::NotFound)?;
        let story = self.store.read(|r| {
            let asked = [code.as_str().into(), OWN.into()];
            match r.query_opt(super::tables::OFFICE, &asked)? {
                Some(row) => self.story(r, RecordId::from_i64(row.int(0)?)),
                None => Ok(Vec::new()),
            }
        })?;
        Ok((office, story))
    }

    fn change_office(
        &self,
        code: &OfficeCode,
        act: Act,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.work()?;
        if work.office(code)?.is_none() {
            return Err(Error::NotFound);
        }
        let Some((id, kept)) = work.offices.remove(code) else {
            return Err(Error::NotFound);
        };
        let event = event(&mut work, Some(id), act, by, now)?;
        let value = kept.value.after(&event)?;
        work.journal(&event)?;
        work.offices.insert(
            code.clone(),
            (
                id,
                Kept {
                    value,
                    version: kept.version,
                    touched: kept.touched + 1,
                    moved: false,
                },
            ),
        );
        work.commit()?;
        self.reload_directory()
    }

    /// Every office.
    #[must_use]
    pub fn offices(&self) -> Vec<Office> {
        self.directory().offices.values().cloned().collect()
    }

    /// One office.
    #[must_use]
    pub fn office(&self, code: &OfficeCode) -> Option<Office> {
        self.directory().offices.get(code).cloned()
    }

    /// The printed name of an office; its code where it is not in the directory.
    #[must_use]
    pub fn office_name(&self, code: &OfficeCode) -> String {
        self.directory()
            .offices
            .get(code)
            .map_or_else(|| code.as_str().to_owned(), |o| o.name.clone())
    }

    /// The telephone an office gives the public; nothing where it is not in the directory.
    pub(super) fn office_telephone(&self, code: &OfficeCode) -> String {
        let directory = self.directory();
        let office = directory.offices.get(code);
        office.map(|o| o.telephone.clone()).unwrap_or_default()
    }

    pub(super) fn directory(&self) -> Arc<Directory> {
        Arc::clone(
            &self
                .directory
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Reads the directory anew: another process may have changed it.
    ///
    /// # Errors
    /// What the database says.
    pub fn reload_directory(&self) -> Result<()> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ALL, &[])?))?;
        let mut read = Directory::default();
        for row in &rows {
            let (_, kept) = office_row(row)?;
            let code = &kept.value.code;
            match row.int(3)? {
                OWN => read.homes.remove(code),
                feed => read.homes.insert(code.clone(), feed),
            };
            read.offices.insert(code.clone(), kept.value);
        }
        let of_authorities = |o: &&Office| o.kind == OfficeKind::Authority;
        let mut authorities = read.offices.values().filter(of_authorities);
        let first = authorities.next().map(|o| o.code.clone());
        read.only_authority = first.filter(|_| authorities.next().is_none());
        *self
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
        Ok(())
    }
}

fn event(
    work: &mut Work<'_>,
    record: Option<RecordId>,
    act: Act,
    by: &Officer,
    now: Timestamp,
) -> Result<Event> {
    let by: By = by.acting(&act)?;
    let law = law::on(domain::event::legal_day(now)).name;
    Ok(Event {
        at: now,
        by,
        law,
        record: record.unwrap_or_else(|| work.new_record()),
        act,
    })
}
