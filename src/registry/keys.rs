//! The keyed digests that find a person: without the node's index key they answer nothing.

use domain::{
    document::{DocType, Document},
    name::Name,
};

use super::{
    keyring::{Domain, Keyring},
    work::Key,
};

impl Keyring {
    /// Finds the person registered with a document.
    pub(super) fn document_key(&self, document: &Document) -> Key {
        self.short_digest(
            Domain::Document,
            &[kind(document), document.expose().as_bytes()],
        )
    }

    /// Finds the dossier of a document and a name: one look-up, so that a wrong name and an unknown
    /// number take the same way.
    pub(super) fn dossier_key(&self, document: &Document, name: &Name) -> Key {
        self.short_digest(
            Domain::DocumentAndName,
            &[
                kind(document),
                document.expose().as_bytes(),
                name.folded().as_bytes(),
            ],
        )
    }

    /// Finds the case of an admission ticket.
    pub(super) fn ticket_key(&self, ticket: &str) -> Key {
        self.short_digest(Domain::Ticket, &[ticket.as_bytes()])
    }
}

fn kind(document: &Document) -> &'static [u8] {
    match document.kind() {
        DocType::ResidentId => b"resident_id",
        DocType::HmtResidencePermit => b"hmt_residence_permit",
        DocType::ForeignPermanentResident => b"foreign_permanent_resident",
        DocType::Passport => b"passport",
        DocType::OfficerCard => b"officer_card",
    }
}
