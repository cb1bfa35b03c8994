//! The public question: one keyed look-up, one unsealing, one answer.

use std::sync::{Arc, PoisonError};

use domain::{
    catalogue::{Category, ItemCode},
    document::Document,
    dossier::Dossier,
    name::Name,
    office::OfficeCode,
    tell::{self, Asked, Context},
    verdict::Answer,
};
use jiff::Timestamp;

use super::{
    Error, Registry, Result,
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
        Ok(self.ask_with_ticket(query, now, false).await?.0)
    }

    /// The same, where a feed's copy may be more than a minute old; and whether a ticket was typed
    /// that is not the asked person's own.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask_with_ticket(
        self: &Arc<Self>,
        query: &Query,
        now: Timestamp,
        feeds_behind: bool,
    ) -> Result<(Answer, bool)> {
        let key = self.keyring.dossier_key(&query.document, &query.name);
        let mut dossier: Option<Dossier> = None;
        for (feed, sealed) in self.lookups.get(&key).await? {
            let next = self.open_dossier(feed, &key, &sealed)?;
            match &mut dossier {
                None => dossier = Some(next),
                Some(all) => all.join(next),
            }
        }
        let ticket = query.ticket.as_deref().map(domain::exam::ticket);
        let own = match (&ticket, &dossier) {
            (Some(ticket), Some(d)) => d.cases.iter().any(|c| c.registration.ticket == *ticket),
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
        let asked = Asked {
            category: query.category,
            ticket: ticket.as_deref(),
            ticket_is_anothers,
            feeds_behind,
        };
        let office_name = |code: &OfficeCode| self.office_name(code);
        let item_name = |code: &ItemCode| self.item_name(code);
        let quarantined = self
            .quarantined
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let context = Context {
            today: domain::event::legal_day(now),
            calendar: &self.calendar,
            office_name: &office_name,
            item_name: &item_name,
            quarantined: &|record| quarantined.contains(&record),
        };
        let answer = tell::answer(dossier.as_ref(), &asked, &context);
        Ok((answer, ticket.is_some() && !own))
    }

    /// The catalogue's name of an item; its code where the catalogue has none.
    #[must_use]
    pub fn item_name(&self, code: &ItemCode) -> String {
        self.catalogue
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
