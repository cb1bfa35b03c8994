//! The public question: one keyed look-up, one unsealing, one answer.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use domain::{
    catalogue::{Category, ItemCode},
    document::Document,
    dossier::Dossier,
    name::Name,
    office::OfficeCode,
    record::RecordId,
    tell::{self, Asked, Context},
    verdict::{Answer, Contacts, Verdict},
    whynot::Facts,
};
use jiff::Timestamp;

use super::{
    Around, Error, National, Registry, Result,
    facts::Sought,
    store::{Ask, Param},
    work::Key,
};

/// What somebody asks.
#[derive(Clone, Debug)]
pub struct Query {
    /// Which of the two certificates.
    pub category: Category,
    /// The document, as typed and normalised.
    pub document: Document,
    /// The name, as typed and normalised.
    pub name: Name,
    /// The admission-ticket number, where the asker has it.
    pub ticket: Option<String>,
}

/// What limits are counted by, so that no limit holds a number or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asker {
    /// Keyed digest of document and name.
    pub target: Key,
    /// Keyed digest of the document alone.
    pub document: Key,
}

/// What was asked, answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// What the asker is told.
    pub answer: Answer,
    /// A ticket was typed that is not the asked person's own.
    pub wrong_ticket: bool,
    /// Whose copies it is told from.
    pub homes: Homes,
    /// Where each certificate stands on its way to the nation; empty where this node feeds none.
    pub national: Vec<National>,
}

/// The codes of the provinces whose copies an answer is told from, in its order; none where it is
/// this node's own register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Homes {
    /// One for each certificate.
    pub certificates: Vec<Option<String>>,
    /// One for each running case.
    pub progress: Vec<Option<String>>,
}

impl Homes {
    fn of(answer: &Answer, dossier: Option<&Dossier>, homes: &[(RecordId, String)]) -> Self {
        let home = |id: RecordId| homes.iter().find(|(of, _)| *of == id);
        let code = |id: Option<RecordId>| home(id?).map(|(_, code)| code.clone());
        let held = |number: &str| {
            let all = &dossier?.certificates;
            let one = all.iter().find(|c| c.says.number == number)?;
            Some(one.says.certificate)
        };
        let certificates = answer.certificates.iter();
        let progress = answer.progress.iter();
        Self {
            certificates: certificates.map(|c| code(held(&c.number))).collect(),
            progress: progress.map(|p| code(p.case.parse().ok())).collect(),
        }
    }
}

const PROVINCES: &str = "-- feeds::provinces\nSELECT feed, code FROM feeds WHERE feed > 0";

/// A case of whatever feed has the ticket.
const TICKET_ANYWHERE: &str = "-- tickets::anywhere\nSELECT record FROM tickets WHERE ticket = $1";

impl Registry {
    /// The keys by which limits on one person's look-ups are counted.
    #[must_use]
    pub fn asker(&self, query: &Query) -> Asker {
        Asker {
            target: self.keyring.dossier_key(&query.document, &query.name),
            document: self.keyring.document_key(&query.document),
        }
    }

    /// Answers a query. A wrong name and an unknown number take the same way.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask(self: &Arc<Self>, query: &Query, now: Timestamp) -> Result<Answer> {
        let around = Around::default();
        Ok(self.ask_around(query, now, &around).await?.answer)
    }

    /// The same with what stands around the question, and what is to be known beside the answer.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask_around(
        self: &Arc<Self>,
        query: &Query,
        now: Timestamp,
        around: &Around,
    ) -> Result<Answered> {
        let sought = self.seek(&around.narrowed, now).await?;
        let (dossier, homes) = self.look_up(query).await?;
        let ticket = query.ticket.as_deref().map(domain::exam::ticket);
        let own = match (&ticket, &dossier) {
            (Some(ticket), Some(d)) => d.cases.iter().any(|c| c.has_ticket(ticket)),
            _ => false,
        };
        // Only with a ticket, and only when it is not the asked person's own.
        let ticket_is_anothers = match &ticket {
            Some(ticket) if !own => {
                let (registry, ticket) = (Arc::clone(self), ticket.clone());
                let look = tokio::task::spawn_blocking(move || registry.ticket_known(&ticket));
                look.await.map_err(|_| Error::Internal("read::ask"))??
            }
            _ => false,
        };
        let narrowed = &around.narrowed;
        let asked = Asked {
            category: query.category,
            ticket: ticket.as_deref(),
            facts: Facts {
                now,
                ticket_is_own: own,
                ticket_is_anothers,
                exam_day: narrowed.exam_day,
                usual: around.usual,
                item: narrowed.item.as_ref(),
                province: narrowed.province.as_deref(),
                institution: sought.as_ref().map(Sought::found),
                copies: &around.copies,
            },
        };
        let mut national = Vec::new();
        if around.feeds_a_nation
            && let Some(dossier) = &dossier
        {
            let shown = dossier.certificates.iter();
            let shown = shown.filter(|c| c.says.category == query.category);
            national = self
                .national(shown.map(|c| c.says.certificate).collect())
                .await?;
        }
        let answer = self.tell(dossier.as_ref(), &asked);
        let contacts = match answer.verdict {
            Verdict::NotFound => self.contacts(sought.as_ref()),
            Verdict::Found | Verdict::InProgress => Contacts::default(),
        };
        Ok(Answered {
            homes: Homes::of(&answer, dossier.as_ref(), &homes),
            answer: Answer { contacts, ..answer },
            wrong_ticket: ticket.is_some() && !own,
            national,
        })
    }

    /// All that is known of a person under that name, and the provinces whose copies it is from.
    async fn look_up(&self, query: &Query) -> Result<(Option<Dossier>, Vec<(RecordId, String)>)> {
        let key = self.keyring.dossier_key(&query.document, &query.name);
        let mut dossier: Option<Dossier> = None;
        let mut homes = Vec::new();
        for (feed, sealed) in self.lookups.get(&key).await? {
            let next = self.open_dossier(feed, &key, &sealed)?;
            if let Some(code) = self.province_of(feed) {
                let certificates = next.certificates.iter().map(|c| c.says.certificate);
                let all = certificates.chain(next.cases.iter().map(|c| c.id));
                homes.extend(all.map(|id| (id, code.clone())));
            }
            match &mut dossier {
                None => dossier = Some(next),
                Some(all) => all.join(next),
            }
        }
        Ok((dossier, homes))
    }

    fn tell(&self, dossier: Option<&Dossier>, asked: &Asked<'_>) -> Answer {
        let office_name = |code: &OfficeCode| self.office_name(code);
        let office_telephone = |code: &OfficeCode| self.office_telephone(code);
        let item_name = |code: &ItemCode| self.item_name(code);
        let quarantined = self
            .quarantined
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let context = Context {
            today: domain::event::legal_day(asked.facts.now),
            calendar: self.calendar(),
            office_name: &office_name,
            office_telephone: &office_telephone,
            item_name: &item_name,
            quarantined: &|record| quarantined.contains(&record),
        };
        tell::answer(dossier, asked, &context)
    }

    /// The code of the province whose copy has this number; none for the own journal.
    pub(super) fn province_of(&self, feed: i64) -> Option<String> {
        let provinces = self
            .provinces
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        provinces.get(&feed).cloned()
    }

    /// Reads which provinces are followed.
    pub(super) fn reload_provinces(&self) -> Result<()> {
        let rows = self
            .store
            .read(|r| Ok::<_, Error>(r.query(PROVINCES, &[])?))?;
        let read: Result<HashMap<i64, String>> = rows
            .iter()
            .map(|row| Ok((row.int(0)?, row.text(1)?.to_owned())))
            .collect();
        *self
            .provinces
            .write()
            .unwrap_or_else(PoisonError::into_inner) = read?;
        Ok(())
    }

    /// The catalogue's name of an item; its code where the catalogue has none.
    #[must_use]
    pub fn item_name(&self, code: &ItemCode) -> String {
        self.catalogue()
            .item(code)
            .map_or_else(|| code.as_str().to_owned(), |item| item.name.to_string())
    }

    fn ticket_known(&self, ticket: &str) -> Result<bool> {
        let key = self.keyring.ticket_key(ticket);
        let row = self
            .store
            .read(|r| Ok::<_, Error>(r.query(TICKET_ANYWHERE, &[Param::Blob(&key)])?))?;
        Ok(!row.is_empty())
    }
}
