//! What a nation publishes.

use domain::{
    event::Act,
    inquiry::Line,
    law::{self, LawName},
    pack::RulePack,
    publication::{Announcement, Content, Proposal, Said},
};
use jiff::civil::Date;

use super::words;

/// An announcement that is shown on that day alone.
pub fn announcement(day: Date) -> Content {
    let said = |title, text| Said {
        title: Line::parse(title).expect("a title"),
        words: words(text),
    };
    Content::Announcement(Announcement {
        zh: said("试例公告", "试例内容"),
        en: said("an invented announcement", "invented words"),
        from: day,
        until: day,
    })
}

/// The limits of R19, once more from that day.
pub fn pack(from: Date) -> Content {
    Content::RulePack(RulePack {
        version: 2,
        from,
        ..RulePack::of(law::named(LawName::R19))
    })
}

pub fn published(content: Content) -> Act {
    let sha256 = String::new();
    Act::PublicationProposed(Box::new(Proposal { content, sha256 }))
}

pub fn of_a_publication(content: Content) -> Vec<Act> {
    vec![
        published(content),
        Act::PublicationApproved,
        Act::PublicationWithdrawn {
            ground: "an invented reason".into(),
        },
    ]
}
