//! What belongs to the desk and to no journal: who has a case in hand, and saved views.
//!
//! A claim says who means to act. The law does not ask for that; who did act is in the event. So a
//! claim is no event, costs the feed nothing, and its loss costs a click.

use domain::record::RecordId;
use jiff::Timestamp;

use super::{
    Error, Officer, Registry, Result,
    queue::is_own,
    store::{Ask, Insert, Kind as Column, OnConflict, Param, Reader},
};

const PUT: Insert<4> = Insert {
    name: "claims::put",
    table: "claims",
    columns: [
        ("record", Column::Int),
        ("login", Column::Text),
        ("state", Column::Text),
        ("at", Column::Int),
    ],
    on_conflict: OnConflict::Replace {
        key: &["record"],
        guard: None,
    },
};
const OF: &str = "-- claims::of\nSELECT login FROM claims WHERE record = $1 AND state = $2";
/// What went on to another state is nobody's any more; told apart when the officer claims again.
const OVER: &str = "-- claims::over
UPDATE claims SET login = '' WHERE login = $1 AND record IN (SELECT k.record FROM claims k
JOIN cases c ON c.record = k.record AND c.feed = 0 WHERE k.login = $1 AND c.state <> k.state)";
const PUT_VIEW: Insert<4> = Insert {
    name: "views::put",
    table: "desk_views",
    columns: [
        ("login", Column::Text),
        ("name", Column::Text),
        ("filters", Column::Text),
        ("at", Column::Int),
    ],
    on_conflict: OnConflict::Replace {
        key: &["login", "name"],
        guard: None,
    },
};
const VIEWS: &str = "-- views::of
SELECT name, filters FROM desk_views WHERE login = $1 AND filters <> '' ORDER BY name";

/// An officer keeps at most so many views.
const MOST_VIEWS: usize = 30;
/// The longest name of a view, in characters.
const LONGEST: usize = 40;

/// Why a view was not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoView {
    /// It has no name, or too long a one.
    Name,
    /// There are as many as may be kept.
    TooMany,
}

impl Registry {
    /// Gives cases into an officer's hand, or back; `to` is somebody of the same office.
    ///
    /// # Errors
    /// `NotFound` when a case or the account does not exist or is another office's.
    pub fn claim(
        &self,
        cases: &[RecordId],
        to: Option<&str>,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        if let Some(to) = to
            && self.officer(to)?.office != by.office
        {
            return Err(Error::NotFound);
        }
        let cases: std::collections::BTreeSet<_> = cases.iter().map(|id| id.as_i64()).collect();
        let mut states = Vec::with_capacity(cases.len());
        self.store.read(|r| {
            for id in &cases {
                let case = self.own_case(r, by, RecordId::from_i64(*id))?;
                states.push((*id, case.state.word()));
            }
            Ok::<_, Error>(())
        })?;
        let (login, at) = (to.unwrap_or_default(), now.as_millisecond());
        let row = |(id, state): &(i64, &'static str)| -> [Param<'_>; 4] {
            [(*id).into(), login.into(), (*state).into(), at.into()]
        };
        let rows: Vec<[Param<'_>; 4]> = states.iter().map(row).collect();
        let mut tx = self.store.begin()?;
        if !login.is_empty() {
            tx.execute(OVER, &[login.into()])?;
        }
        tx.insert_many(&PUT, &rows)?;
        Ok(tx.commit()?)
    }

    /// A case, where it is the officer's own office's.
    pub(super) fn own_case(
        &self,
        r: &mut Reader<'_>,
        officer: &Officer,
        id: RecordId,
    ) -> Result<domain::case::Case> {
        let case = self.case_at(r, id)?;
        is_own(&case, officer)?;
        Ok(case)
    }

    /// Who has a case in hand, as it stands.
    pub(super) fn claimed(
        &self,
        r: &mut Reader<'_>,
        case: &domain::case::Case,
    ) -> Result<Option<String>> {
        let asked = [case.id.as_i64().into(), case.state.word().into()];
        let row = r.query_opt(OF, &asked)?;
        let login = row.map(|row| row.text(0).map(str::to_owned)).transpose()?;
        Ok(login.filter(|login| !login.is_empty()))
    }

    /// An officer's saved views: name and filters.
    ///
    /// # Errors
    /// What the database says.
    pub fn views(&self, officer: &Officer) -> Result<Vec<(String, String)>> {
        let asked = [(&officer.login).into()];
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(VIEWS, &asked)?))?;
        let read = rows.iter();
        read.map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
            .collect()
    }

    /// Saves a view in the place of the one of its name; without filters it is given up.
    ///
    /// # Errors
    /// What the database says; inside, why it was not saved.
    pub fn save_view(
        &self,
        officer: &Officer,
        (name, filters): (&str, &str),
        now: Timestamp,
    ) -> Result<std::result::Result<(), NoView>> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > LONGEST {
            return Ok(Err(NoView::Name));
        }
        let kept = self.views(officer)?;
        let is_new = kept.iter().all(|(other, _)| other != name);
        if is_new && !filters.is_empty() && kept.len() >= MOST_VIEWS {
            return Ok(Err(NoView::TooMany));
        }
        let login = (&officer.login).into();
        let row = [
            login,
            name.into(),
            filters.into(),
            now.as_millisecond().into(),
        ];
        let mut tx = self.store.begin()?;
        tx.insert_many(&PUT_VIEW, &[row])?;
        tx.commit()?;
        Ok(Ok(()))
    }
}
