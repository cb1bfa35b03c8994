//! What a miss is weighed by: what the asker added, and what the register knows to it. Nothing here
//! is looked up by the person asked for.

use std::sync::Arc;

use domain::{
    catalogue::ItemCode,
    document::{is_blank, narrow},
    event::legal_day,
    office::{Office, OfficeCode, OfficeKind},
    verdict::Contacts,
    whynot::{Copied, Found, Held, Listed, Usual},
};
use jiff::{Timestamp, civil::Date};

use super::{Error, Registry, Result, directory::Directory, store::Ask, work::OWN};

/// What the asker adds so that a miss can be explained. None of it is about a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// The day of the exam.
    pub exam_day: Option<Date>,
    /// The institution, by its code, its name or a part of its name.
    pub institution: Option<String>,
    /// The province, by its code.
    pub province: Option<String>,
    /// What was sat for.
    pub item: Option<ItemCode>,
}

/// What stands around a question, beside the register.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// What the asker added.
    pub narrowed: Narrowed,
    /// The usual time from the exam day on.
    pub usual: Option<Usual>,
    /// How far the copies here reach.
    pub copies: Arc<Vec<Copied>>,
    /// The own journal goes to a nation.
    pub feeds_a_nation: bool,
}

/// So many institutions at most are named where several have the same words in their names.
const SEVERAL: usize = 20;

const HELD: &str = "-- facts::held
SELECT (SELECT COUNT(*) FROM cases c WHERE c.institution = $1
        AND c.state IN ('registered', 'examined')
        AND c.session = s.record AND c.feed = s.feed) AS unpublished
FROM sessions s WHERE s.institution = $1 AND s.held_on = $2 AND s.feed = $3
    AND s.slot NOT LIKE 'called off %'
ORDER BY unpublished DESC LIMIT 1";

enum Which {
    Unlisted,
    Several(Vec<OfficeCode>),
    Listed(OfficeCode),
}

/// What the register knows to what the asker added.
pub(super) struct Sought {
    directory: Arc<Directory>,
    which: Which,
    home: Option<String>,
    session: Option<Held>,
}

impl Sought {
    /// As the domain weighs it.
    pub(super) fn found(&self) -> Found<'_> {
        match &self.which {
            Which::Unlisted => Found::Unlisted,
            Which::Several(codes) => Found::Several(codes),
            Which::Listed(code) => match self.directory.offices.get(code) {
                None => Found::Unlisted,
                Some(office) => Found::Listed(Listed {
                    office,
                    home: self.home.as_deref(),
                    session: self.session,
                }),
            },
        }
    }
}

impl Registry {
    /// The institution with that code, that name, or a part of its name that only one has.
    #[must_use]
    pub fn institution(&self, words: &str) -> Option<Office> {
        let directory = self.directory();
        match which(&directory, words) {
            Which::Listed(code) => directory.offices.get(&code).cloned(),
            Which::Unlisted | Which::Several(_) => None,
        }
    }

    /// Looks an institution up, and its session of the exam day.
    pub(super) async fn seek(
        self: &Arc<Self>,
        narrowed: &Narrowed,
        now: Timestamp,
    ) -> Result<Option<Sought>> {
        let Some(words) = &narrowed.institution else {
            return Ok(None);
        };
        let directory = self.directory();
        let which = which(&directory, words);
        let mut sought = Sought {
            directory,
            which,
            home: None,
            session: None,
        };
        let Which::Listed(code) = &sought.which else {
            return Ok(Some(sought));
        };
        let feed = sought.directory.homes.get(code).copied().unwrap_or(OWN);
        sought.home = self.province_of(feed);
        if let Some(day) = narrowed.exam_day.filter(|day| *day <= legal_day(now)) {
            let (registry, code) = (Arc::clone(self), code.clone());
            let look = tokio::task::spawn_blocking(move || registry.held(feed, &code, day));
            sought.session = look.await.map_err(|_| Error::Internal("facts::seek"))??;
        }
        Ok(Some(sought))
    }

    fn held(&self, feed: i64, institution: &OfficeCode, day: Date) -> Result<Option<Held>> {
        let day = day.to_string();
        let params = [institution.as_str().into(), (&day).into(), feed.into()];
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query_opt(HELD, &params)?))?;
        row.map(|row| {
            let published = row.int(0)? == 0;
            Ok(Held { published })
        })
        .transpose()
    }

    /// Whom to ask: the institution that was told and its authority, or the only authority here.
    pub(super) fn contacts(&self, sought: Option<&Sought>) -> Contacts {
        let directory = self.directory();
        let office = |code: &OfficeCode| directory.offices.get(code);
        let institution = match sought.map(|s| &s.which) {
            Some(Which::Listed(code)) => office(code),
            _ => None,
        };
        let reports_to = institution.and_then(|o| o.reports_to.as_ref());
        let authority = reports_to.or(directory.only_authority.as_ref());
        Contacts {
            institution: institution.map(Into::into),
            authority: authority.and_then(office).map(Into::into),
        }
    }
}

/// A name as it is compared: without blanks and brackets, wide letters narrow, small ones.
fn folded(words: &str) -> String {
    let letters = words.chars().map(narrow);
    letters
        .filter(|c| !is_blank(*c) && !matches!(c, '(' | ')' | '（' | '）'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// By code, by name, or by a part of the name that only one has.
fn which(directory: &Directory, words: &str) -> Which {
    let wanted = folded(words);
    let is_institution = |o: &&Office| o.kind == OfficeKind::Institution;
    let mut parts = Vec::new();
    for office in directory.offices.values().filter(is_institution) {
        let name = folded(&office.name);
        if name == wanted || folded(office.code.as_str()) == wanted {
            return Which::Listed(office.code.clone());
        }
        if name.contains(&wanted) {
            parts.push(office.code.clone());
        }
    }
    parts.truncate(SEVERAL);
    match parts.as_slice() {
        [] => Which::Unlisted,
        [one] => Which::Listed(one.clone()),
        _ => Which::Several(parts),
    }
}
