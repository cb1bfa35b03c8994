//! What the keyed digests are of, each with a tag of its own.

/// What a digest is of. Two domains never give the same digest, whatever goes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// A document's type and number: whether it is one person.
    Document,
    /// A document's type, number and folded name: the public look-up.
    DocumentAndName,
    /// A folded name: an officer's search.
    Name,
    /// A ticket that a page or a receipt carries.
    Ticket,
    /// The reference of an inquiry.
    Reference,
    /// Who asks what about whom in an inquiry.
    Inquiry,
}

impl Domain {
    pub(super) const ALL: [Self; 6] = [
        Self::Document,
        Self::DocumentAndName,
        Self::Name,
        Self::Ticket,
        Self::Reference,
        Self::Inquiry,
    ];

    pub(super) fn tag(self) -> &'static [u8] {
        match self {
            Self::Document => b"kecha digest document v1",
            Self::DocumentAndName => b"kecha digest document and name v1",
            Self::Name => b"kecha digest name v1",
            Self::Ticket => b"kecha digest ticket v1",
            Self::Reference => b"kecha digest reference v1",
            Self::Inquiry => b"kecha digest inquiry v1",
        }
    }
}
