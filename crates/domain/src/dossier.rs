//! A dossier: all that one node knows about one person under one name and document.
//!
//! It is the projection the public query reads: one look-up, one unsealing, one answer.

use alloc::vec::Vec;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    case::Case,
    catalogue::{Category, ItemCode},
    certificate::Certificate,
    office::OfficeCode,
    record::RecordId,
    refusal::Refusal,
    verdict::Kind,
};

/// The cases and certificates of one person, each equal to the fold of its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// Ascending by record number.
    pub cases: Vec<Case>,
    /// Ascending by record number.
    pub certificates: Vec<Certificate>,
}

impl Dossier {
    /// The case with that number.
    #[must_use]
    pub fn case(&self, id: RecordId) -> Option<&Case> {
        let at = self.cases.binary_search_by_key(&id, |c| c.id).ok()?;
        self.cases.get(at)
    }

    /// The certificate with that number.
    #[must_use]
    pub fn certificate(&self, id: RecordId) -> Option<&Certificate> {
        let at = self
            .certificates
            .binary_search_by_key(&id, |c| c.says.certificate)
            .ok()?;
        self.certificates.get(at)
    }

    /// Puts a case in, in the place of the one with its number.
    pub fn put_case(&mut self, case: Case) {
        match self.cases.binary_search_by_key(&case.id, |c| c.id) {
            Ok(at) => self.cases[at] = case,
            Err(at) => self.cases.insert(at, case),
        }
    }

    /// Puts a certificate in, in the place of the one with its number.
    pub fn put_certificate(&mut self, certificate: Certificate) {
        let id = certificate.says.certificate;
        match self
            .certificates
            .binary_search_by_key(&id, |c| c.says.certificate)
        {
            Ok(at) => self.certificates[at] = certificate,
            Err(at) => self.certificates.insert(at, certificate),
        }
    }

    /// Joins what another journal tells of the same person. Record numbers of two journals may be
    /// the same, so nothing is looked up by number in what comes out; it is for telling only.
    pub fn join(&mut self, other: Self) {
        self.cases.extend(other.cases);
        self.certificates.extend(other.certificates);
    }

    /// Takes a certificate out: a correction moved it to another name or document.
    pub fn take_certificate(&mut self, id: RecordId) -> Option<Certificate> {
        let at = self
            .certificates
            .binary_search_by_key(&id, |c| c.says.certificate)
            .ok()?;
        Some(self.certificates.remove(at))
    }

    /// Takes out the cases that ended in a certificate: they go where it goes.
    pub fn take_cases_of(&mut self, certificate: RecordId) -> Vec<Case> {
        let of_it = |case: &mut Case| case.state.certificate() == Some(certificate);
        self.cases.extract_if(.., of_it).collect()
    }

    /// Whether a case for that item is under way.
    #[must_use]
    pub fn case_runs(&self, category: Category, item: &ItemCode) -> bool {
        self.cases.iter().any(|case| {
            let r = &case.registration;
            (r.category, &r.item) == (category, item) && !case.state.is_over()
        })
    }

    /// The certificate that a renewal, recheck, replacement or reissue of an item is about: one that
    /// was not revoked or cancelled before any that was, and of several the latest.
    #[must_use]
    pub fn former(&self, category: Category, item: &ItemCode) -> Option<&Certificate> {
        self.certificates
            .iter()
            .filter(|c| c.says.category == category && c.says.item == *item)
            .max_by_key(|c| (!c.has_ended(), c.says.first_issued, c.says.certificate))
    }

    /// The certificate that an extension goes on from: in the term, and given by that authority.
    ///
    /// # Errors
    /// `NoFormerCertificate`, `NotThisOffice`, and those of [`Certificate::opens`].
    pub fn extends(
        &self,
        item: &ItemCode,
        authority: &OfficeCode,
        day: Date,
    ) -> Result<&Certificate, Refusal> {
        let former = self.former(Category::SafetyManagement, item);
        let former = former.ok_or(Refusal::NoFormerCertificate)?;
        if former.says.authority != *authority {
            return Err(Refusal::NotThisOffice);
        }
        former.opens(Kind::Renewal, day)?;
        Ok(former)
    }

    /// Whether a ban bars a new application for this kind of certificate on `day`, whatever the
    /// item (R30 art. 30, 行政许可法 art. 79).
    #[must_use]
    pub fn banned_on(&self, category: Category, day: Date) -> bool {
        let of_certificates = self
            .certificates
            .iter()
            .any(|c| c.says.category == category && c.bans_on(day));
        // An application with false material bars the next one, too (行政许可法 art. 78).
        let of_cases = self
            .cases
            .iter()
            .any(|c| c.registration.category == category && c.bans_on(day));
        of_certificates || of_cases
    }

    /// Whether a recheck of that certificate is under way: asked for, and neither done nor refused.
    #[must_use]
    pub fn recheck_runs(&self, certificate: &Certificate) -> bool {
        let says = &certificate.says;
        self.cases.iter().any(|case| {
            let r = &case.registration;
            r.kind == Kind::Recheck
                && (r.category, &r.item) == (says.category, &says.item)
                && !case.state.is_over()
        })
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.certificates.is_empty()
    }
}
