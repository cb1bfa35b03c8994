//! The keyed digests that find a person: without the node's index key they answer nothing.

use domain::{
    document::{DocType, Document},
    inquiry::{Line, Question, Reference},
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

    /// Finds the dossiers of everybody who has that name.
    pub(super) fn name_key(&self, name: &Name) -> Key {
        self.short_digest(Domain::Name, &[name.folded().as_bytes()])
    }

    /// Finds the case of an admission ticket.
    pub(super) fn ticket_key(&self, ticket: &str) -> Key {
        self.short_digest(Domain::Ticket, &[ticket.as_bytes()])
    }

    /// Finds an inquiry by the number its asker has.
    pub(super) fn reference_key(&self, reference: Reference) -> Key {
        self.short_digest(Domain::Reference, &[reference.spelled().as_bytes()])
    }

    /// Who asks what about whom: by the way the asker wants to be reached, or else by the words.
    pub(super) fn alike_key(&self, question: &Question) -> Key {
        let case = question.case.map(|id| id.to_string()).unwrap_or_default();
        let document = question.whom.as_ref().map(|w| &w.document);
        let ticket = question.ticket.as_ref().map_or("", Line::expose);
        let contact = question.contact.as_ref().map(Line::expose);
        self.short_digest(
            Domain::Inquiry,
            &[
                question.to.as_str().as_bytes(),
                question.subject.code().as_bytes(),
                case.as_bytes(),
                document.map_or(&b""[..], kind),
                document.map_or("", Document::expose).as_bytes(),
                ticket.as_bytes(),
                contact.map_or(&b"words"[..], |_| b"contact"),
                contact.unwrap_or(question.words.expose()).as_bytes(),
            ],
        )
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
