//! The ways through a queue: each is an order, and an index of `schema/0009_desk.sql` or
//! `schema/0002_records.sql` keeps the cases of an office and a state in it.

use super::{Queue, Sort};

/// A way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// All, by the day they are due.
    ByDue,
    /// All, by the day their stage began.
    BySince,
    /// All, by institution.
    ByPlace,
    /// All, by item.
    ByItem,
    /// Those of an item, by the day they are due; the others likewise.
    OfItem,
    OfPlace,
    OfKind,
    OfSession,
}

impl Way {
    /// The one on which the least is passed over.
    pub fn of(queue: &Queue, authority: bool) -> Self {
        let only = &queue.only;
        if queue.sort != Sort::Due || queue.mine {
            return match Self::of_sort(queue.sort) {
                // An institution's own cases have one institution.
                Self::ByPlace if !authority => Self::ByDue,
                way => way,
            };
        }
        if only.session.is_some() {
            Self::OfSession
        } else if only.institution.is_some() && authority {
            Self::OfPlace
        } else if only.item.is_some() {
            Self::OfItem
        } else if only.kind.is_some() && authority {
            Self::OfKind
        } else {
            Self::ByDue
        }
    }

    pub fn of_sort(sort: Sort) -> Self {
        match sort {
            Sort::Due => Self::ByDue,
            Sort::Since => Self::BySince,
            Sort::Institution => Self::ByPlace,
            Sort::Item => Self::ByItem,
        }
    }

    /// Whether the day something is due is the first thing its order goes by.
    pub fn by_due(self) -> bool {
        !matches!(self, Self::BySince | Self::ByPlace | Self::ByItem)
    }

    /// Whether its order goes by two things before the record.
    pub fn has_two(self) -> bool {
        matches!(self, Self::ByPlace | Self::ByItem)
    }

    /// How its rows are asked for. `$1` the office, `$2` the state, `$6` how many; by one thing
    /// `$3` the last day and `$4`, `$5` the place, by two `$3` to `$5` the place; `$7` of what.
    pub fn sql(self, authority: bool) -> &'static str {
        let of = usize::from(authority);
        match self {
            Self::ByDue => BY_DUE[of],
            Self::BySince => BY_SINCE[of],
            Self::ByPlace => BY_PLACE[1],
            Self::ByItem => BY_ITEM[of],
            Self::OfItem => OF_ITEM[of],
            Self::OfPlace => OF_PLACE[1],
            Self::OfKind => OF_KIND[1],
            Self::OfSession => OF_SESSION[of],
        }
    }
}

macro_rules! stretch {
    ($name:literal, $office:literal, $along:literal, $order:literal) => {
        concat!(
            "-- queue::",
            $name,
            "_of_",
            $office,
            "
SELECT record, dossier, due, since, item, kind, category, institution, session FROM cases
WHERE ",
            $office,
            " = $1 AND state = $2 AND feed = 0 AND ",
            $along,
            "
ORDER BY ",
            $order,
            " LIMIT $6"
        )
    };
}

macro_rules! way {
    ($name:literal, $along:literal, $order:literal) => {
        [
            stretch!($name, "institution", $along, $order),
            stretch!($name, "authority", $along, $order),
        ]
    };
}

const BY_DUE: [&str; 2] = way!(
    "by_due",
    "due <= $3 AND (due, record) > ($4, $5)",
    "due, record"
);
const BY_SINCE: [&str; 2] = way!(
    "by_since",
    "since <= $3 AND (since, record) > ($4, $5)",
    "since, record"
);
const BY_PLACE: [&str; 2] = way!(
    "by_place",
    "(institution, due, record) > ($3, $4, $5)",
    "institution, due, record"
);
const BY_ITEM: [&str; 2] = way!(
    "by_item",
    "(item, due, record) > ($3, $4, $5)",
    "item, due, record"
);
const OF_ITEM: [&str; 2] = way!(
    "of_item",
    "item = $7 AND due <= $3 AND (due, record) > ($4, $5)",
    "due, record"
);
const OF_PLACE: [&str; 2] = way!(
    "of_place",
    "institution = $7 AND due <= $3 AND (due, record) > ($4, $5)",
    "due, record"
);
const OF_KIND: [&str; 2] = way!(
    "of_kind",
    "kind = $7 AND due <= $3 AND (due, record) > ($4, $5)",
    "due, record"
);
const OF_SESSION: [&str; 2] = way!(
    "of_session",
    "session = $7 AND due <= $3 AND (due, record) > ($4, $5)",
    "due, record"
);

/// What an officer has in hand: a claim ends when the case goes on to another state.
pub(super) const IN_HAND: &str = "-- queue::in_hand
SELECT c.record, c.dossier, c.due, c.since, c.item, c.kind, c.category, c.institution, c.session
FROM claims k JOIN cases c ON c.record = k.record AND c.feed = 0 AND c.state = k.state
WHERE k.login = $1 LIMIT $2";
