//! One of every act, as lawful as it can be on the day it is tried.

use domain::{
    case::Handover,
    catalogue::Category,
    certificate::number_for,
    deadline::Procedure,
    document::{DocType, Document},
    event::{Act, Former, Grant, Registration},
    exam::Part,
    hold::{Held, Hold},
    inquiry::{Line, Question, Reference, Subject, Whom, Words},
    law::{self, Ground, LawName},
    name::Name,
    office::{Authorisation, Office, OfficeKind},
    pack::RulePack,
    person::{Person, Sex},
    publication::{Announcement, Content, Proposal, Said},
    record::RecordId,
    term,
    verdict::Kind,
};
use jiff::civil::Date;

use super::story::at;

pub const INSTITUTION: &str = "9901";
pub const AUTHORITY: &str = "9900";
pub const CASE: u64 = 1;
pub const CERTIFICATE: u64 = 2;
pub const BATCH: u64 = 3;
pub const HALT: u64 = 5;
pub const INQUIRY: u64 = 4;
pub const PUBLICATION: u64 = 6;
pub const ELSEWHERE: &str = "9800";

pub fn record(n: u64) -> RecordId {
    RecordId::from_raw(n)
}

pub fn ground() -> Ground {
    Ground {
        article: "R30 art. 30".into(),
        words: "an invented reason".into(),
    }
}

pub fn person(name: &str, head: &str) -> Person {
    let check = domain::document::check_character(head.as_bytes()).map_or('?', char::from);
    let number = format!("{head}{check}");
    Person {
        name: Name::parse(name).expect("a name"),
        sex: Sex::Male,
        document: Document::parse(DocType::ResidentId, &number).expect("a number"),
    }
}

pub fn holder() -> Person {
    person("试例", "99000019900101001")
}

pub fn registration(kind: Kind) -> Registration {
    Registration {
        person: holder(),
        category: Category::SpecialOperation,
        item: "2.1".into(),
        kind,
        institution: INSTITUTION.into(),
        authority: AUTHORITY.into(),
        ticket: "T1".into(),
        replaces: None,
    }
}

/// What a certificate issued on `day` says.
pub fn grant(day: Date) -> Box<Grant> {
    let category = Category::SpecialOperation;
    let term = term::issued_on(category, day, law::on(day));
    Box::new(Grant {
        certificate: record(CERTIFICATE),
        holder: holder(),
        category,
        item: "2.1".into(),
        number: number_for(category, &holder().document),
        first_issued: day,
        valid_from: term.valid_from,
        valid_until: term.valid_until,
        recheck_due: term.recheck_due,
        authority: AUTHORITY.into(),
    })
}

pub fn theory(on: Date, score: u8) -> Act {
    let session = record(9);
    Act::TheoryScored { session, on, score }
}

pub fn practical(on: Date, score: u8) -> Act {
    let session = record(9);
    Act::PracticalScored { session, on, score }
}

pub fn made() -> Act {
    Act::Made {
        batch: "2026-7".into(),
        number: number_for(Category::SpecialOperation, &holder().document),
    }
}

pub fn spoiled() -> Act {
    Act::CardSpoiled {
        reason: "torn".into(),
    }
}

pub fn delivered() -> Act {
    Act::Delivered {
        to: Handover::Institution,
        note: String::new(),
    }
}

pub fn hearing(until: Date) -> Act {
    Act::ProcedureBegun {
        procedure: Procedure::Hearing,
        until,
        notice: "an invented notice".into(),
    }
}

pub fn extended(days: u8) -> Act {
    Act::DecisionExtended {
        days,
        head: "an invented head".into(),
        reason: "an invented reason".into(),
    }
}

pub fn corrected() -> Act {
    let holder = Box::new(person("试列", "99000019900101001"));
    Act::Corrected {
        number: number_for(Category::SpecialOperation, &holder.document),
        holder,
        evidence: "户口簿".into(),
    }
}

pub fn revoked(banned_until: Option<Date>) -> Act {
    Act::Revoked {
        ground: ground(),
        banned_until,
    }
}

pub fn office(kind: OfficeKind) -> Box<Office> {
    let institution = kind == OfficeKind::Institution;
    Box::new(Office {
        code: INSTITUTION.into(),
        name: "第九考试中心".into(),
        kind,
        telephone: "000".into(),
        reports_to: institution.then(|| AUTHORITY.into()),
        authorisation: None,
        suspended: None,
    })
}

/// One of each, for a record whose grants say `says`, tried on `day`.
pub fn every(day: Date, says: &Grant) -> Vec<Act> {
    let mut all = of_a_directory(day);
    all.extend(of_a_case(day));
    all.extend(of_a_certificate(says));
    all.extend(of_a_feed(day));
    all.extend(of_an_inquiry(day));
    all.extend(of_a_publication(announcement(day)));
    all
}

fn of_a_directory(day: Date) -> Vec<Act> {
    let again = Authorisation {
        number: "1".into(),
        items: vec!["2.1".into()],
        from: day,
        until: day,
    };
    vec![
        Act::OfficeEntered(office(OfficeKind::Institution)),
        Act::OfficeAuthorised(again),
        Act::OfficeSuspended(ground()),
        Act::OfficeResumed,
        Act::SessionOpened {
            institution: INSTITUTION.into(),
            on: day,
        },
        Act::SheetImported {
            institution: INSTITUTION.into(),
            sha256: String::new(),
            taken: 1,
            refused: 0,
        },
    ]
}

fn of_a_case(day: Date) -> Vec<Act> {
    vec![
        Act::Registered(Box::new(registration(Kind::Initial))),
        theory(day, 85),
        practical(day, 85),
        Act::ScoresConfirmed,
        Act::ScoreRecheckAsked {
            part: Part::Theory,
            reason: "an invented reason".into(),
        },
        Act::ScoreRechecked {
            part: Part::Theory,
            score: 90,
        },
        Act::Reported { materials: vec![] },
        Act::Returned {
            missing: vec!["身份证复印件".into()],
        },
        Act::Resubmitted { materials: vec![] },
        Act::Accepted,
        Act::DeemedAccepted,
        Act::Refused(ground()),
        hearing(day),
        Act::ProcedureEnded,
        extended(10),
        Act::Reviewed,
        Act::Approved,
        Act::Rejected(ground()),
        made(),
        Act::Printed,
        spoiled(),
        delivered(),
        Act::Closed,
    ]
}

fn of_a_certificate(says: &Grant) -> Vec<Act> {
    let grant = || Box::new(says.clone());
    vec![
        Act::CertificateIssued(grant()),
        Act::Renewed(grant()),
        Act::Rechecked(grant()),
        Act::Replaced(grant()),
        Act::Reissued(grant()),
        Act::BatchProposed {
            authority: AUTHORITY.into(),
            sha256: String::new(),
            count: 2,
        },
        Act::BatchReleased,
        Act::TakenOver(Box::new(Former {
            batch: record(BATCH),
            grant: says.clone(),
        })),
        Act::BatchClosed {
            skipped: 1,
            differing: 1,
            faulty: 0,
        },
        Act::DifferenceKept {
            row: 2,
            reason: "an invented reason".to_owned(),
        },
        corrected(),
        Act::Suspended(ground()),
        Act::Resumed,
        Act::Lapsed,
        revoked(None),
        Act::Cancelled(ground()),
    ]
}

pub fn held(day: Date) -> Held {
    Held {
        province: "99".into(),
        hold: Hold::Fork,
        since: at(day),
        entries: 7,
    }
}

fn of_a_feed(day: Date) -> Vec<Act> {
    vec![
        Act::FeedHeld(Box::new(held(day))),
        Act::FeedResumed {
            ground: "an invented reason".into(),
        },
    ]
}

pub fn words(text: &str) -> Words {
    Words::parse(text).expect("words")
}

pub fn question(day: Date) -> Box<Question> {
    let holder = holder();
    Box::new(Question {
        reference: Reference::from_raw(5),
        proof: String::new(),
        to: AUTHORITY.into(),
        subject: Subject::Delay,
        words: words("an invented question"),
        contact: Line::parse("an invented telephone").ok(),
        whom: Some(Whom {
            name: holder.name,
            document: holder.document,
        }),
        ticket: None,
        case: Some(record(CASE)),
        institution: Some(INSTITUTION.into()),
        exam_day: Some(day),
    })
}

fn of_an_inquiry(day: Date) -> Vec<Act> {
    vec![
        Act::InquiryAsked(question(day)),
        Act::InquiryForwarded {
            to: ELSEWHERE.into(),
            reason: words("an invented reason"),
        },
        Act::InquiryAnswered {
            words: words("an invented answer"),
        },
        Act::InquiryReopened {
            words: words("an invented doubt"),
        },
    ]
}

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

pub fn proposed(content: Content) -> Act {
    let sha256 = String::new();
    Act::PublicationProposed(Box::new(Proposal { content, sha256 }))
}

fn of_a_publication(content: Content) -> Vec<Act> {
    vec![
        proposed(content),
        Act::PublicationApproved,
        Act::PublicationWithdrawn {
            ground: "an invented reason".into(),
        },
    ]
}

/// The acts whose words are these, in the order of [`every`].
pub fn some(day: Date, says: &Grant, kinds: &str) -> Vec<Act> {
    let wanted: Vec<&str> = kinds.split(' ').collect();
    let all = every(day, says);
    all.into_iter()
        .filter(|act| wanted.contains(&act.kind()))
        .collect()
}
