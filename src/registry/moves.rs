//! Which dossier a person's records lie in, and how they leave it when a name or a document is put
//! right.
//!
//! A certificate lies in the dossier of its holder, a case that ended in one lies beside it, and
//! every other case lies where its registration says; a case keeps its registration for ever. A
//! dossier that was left stays as an empty row, and its document is free again.

use domain::{
    certificate::Certificate,
    event::{Act, Event},
    person::Person,
    record::RecordId,
    refusal::Refusal,
    verdict::{Kind, StatusWord},
};
use jiff::civil::Date;

use super::{
    Error, Result,
    store::{Ask, Param},
    tables,
    work::{Key, Work},
};

impl Work<'_> {
    /// The dossier that a person's document stands under, if any.
    fn known(&mut self, person: &Person) -> Result<Option<Key>> {
        let document = self.registry.keyring.document_key(&person.document);
        if let Some(known) = self.people.get(&document) {
            return Ok(*known);
        }
        let asked = [Param::Blob(&document), self.feed.into()];
        let row = self.tx.query_opt(tables::PERSON, &asked)?;
        let known = row.map(|row| row.bytes(0)).transpose()?;
        self.people.insert(document, known);
        Ok(known)
    }

    /// The dossier of a person; refused when the document stands under another name. `from` is the
    /// dossier a record is about to leave for it: that one does not stand in the way.
    pub fn dossier_from(&mut self, person: &Person, from: Option<Key>) -> Result<Key> {
        let keyring = &self.registry.keyring;
        let key = keyring.dossier_key(&person.document, &person.name);
        if let Some(known) = self.known(person)?
            && known != key
            && Some(known) != from
            && !self.dossier(&known)?.value.is_empty()
        {
            return Err(Refusal::NameConflict.into());
        }
        Ok(key)
    }

    /// What the register refuses of an act that names a person.
    ///
    /// # Errors
    /// `NameConflict`, `CaseRunning`, `CertificateExists`.
    pub fn admit(&mut self, event: &Event) -> Result<()> {
        match &event.act {
            Act::Registered(r) => {
                let from = match r.replaces {
                    Some(id) => Some(self.place(id, tables::CERTIFICATE)?),
                    None => None,
                };
                self.dossier_from(&r.person, from).map(drop)
            }
            Act::TakenOver(former) => self.dossier_of(&former.grant.holder).map(drop),
            Act::Corrected { holder, .. } => self.may_move(event.record, holder, event.day()),
            // What could not be decided is not proposed.
            Act::ChangeProposed(act) => match &**act {
                Act::Corrected { holder, .. } => self.may_move(event.record, holder, event.day()),
                _ => Ok(()),
            },
            Act::Replaced(grant) => self.may_move(grant.certificate, &grant.holder, event.day()),
            _ => Ok(()),
        }
    }

    /// Whether a certificate may become that person's. While a case about it runs under the old
    /// details it may not: the case could not end in it any more.
    fn may_move(&mut self, id: RecordId, holder: &Person, day: Date) -> Result<()> {
        let from = self.place(id, tables::CERTIFICATE)?;
        let key = self.dossier_from(holder, Some(from))?;
        if key == from {
            return Ok(());
        }
        let says = self.certificate(id)?.says;
        let left = &self.dossier(&from)?.value;
        if left.case_runs(says.category, &says.item) {
            return Err(Refusal::CaseRunning.into());
        }
        let in_force = |c: &Certificate| {
            (c.says.category, &c.says.item) == (says.category, &says.item)
                && matches!(c.status_on(day), StatusWord::Valid | StatusWord::Suspended)
        };
        if self.dossier(&key)?.value.certificates.iter().any(in_force) {
            return Err(Refusal::CertificateExists.into());
        }
        Ok(())
    }

    /// Keeps under which name a document stands once this has happened. A replacement that is only
    /// asked for changes nothing of a document that stands under the old name.
    pub fn settle(&mut self, act: &Act) -> Result<()> {
        let Some(person) = act.names() else {
            return Ok(());
        };
        let known = self.known(person)?;
        let waits = matches!(act, Act::Registered(r) if r.kind == Kind::Replacement);
        let keyring = &self.registry.keyring;
        let key = keyring.dossier_key(&person.document, &person.name);
        if known == Some(key) || (waits && known.is_some()) {
            return Ok(());
        }
        let document = keyring.document_key(&person.document);
        self.people.insert(document, Some(key));
        self.new_people.push((document, key));
        Ok(())
    }

    /// Takes a certificate, and the cases that ended in it, from one dossier to another; the
    /// certificate itself is put there by the caller.
    pub fn leave(&mut self, id: RecordId, from: Key, to: Key) -> Result<()> {
        let left = self.dossier(&from)?;
        left.value.take_certificate(id);
        let cases = left.value.take_cases_of(id);
        left.touched += 1;
        for case in cases {
            self.place(case.id, tables::CASE)?;
            // Cannot fail: `place` has just put it there.
            let place = self.cases.get_mut(&case.id);
            let place = place.ok_or(Error::Internal("moves::leave"))?;
            place.value = to;
            place.moved = true;
            self.dossier(&to)?.value.put_case(case);
        }
        Ok(())
    }
}
