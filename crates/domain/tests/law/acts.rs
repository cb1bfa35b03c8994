//! One of every act, as lawful as it can be on the day it is tried.

mod publication;

use domain::{
    case::{Handover, Tie},
    catalogue::Category,
    certificate::number_for,
    deadline::Procedure,
    document::{DocType, Document},
    event::{Act, Former, Grant, Registration},
    exam::Part,
    hold::{Held, Hold},
    inquiry::{Line, Question, Reference, Subject, Whom, Words},
    law::{self, Ground, grounds},
    name::Name,
    office::{Authorisation, Office, OfficeKind},
    person::{Person, Sex},
    record::RecordId,
    session::{Enrolment, Plan},
    term,
    verdict::Kind,
};
use jiff::civil::Date;

use self::publication::of_a_publication;
pub use self::publication::{announcement, pack, published};
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
    Ground::new("R30 art. 30", "an invented reason")
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
        appointment: None,
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
        appointment: None,
    })
}

pub fn theory(on: Date, score: u8) -> Act {
    let session = record(9);
    let machine = None;
    Act::TheoryScored {
        session,
        on,
        score,
        machine,
    }
}

pub fn practical(on: Date, score: u8) -> Act {
    let session = record(9);
    let panel = None;
    Act::PracticalScored {
        session,
        on,
        score,
        panel,
    }
}

pub fn plan(day: Date) -> Box<Plan> {
    Box::new(Plan {
        authority: AUTHORITY.into(),
        on: day.tomorrow().expect("a day"),
        begins: "09:00".into(),
        place: "一号楼".into(),
        items: vec!["2.1".into()],
        invigilators: vec!["试监".into()],
        assessors: vec!["assessor".into(), "another".into()],
        seats: 2,
    })
}

pub fn enrolled(on: Date) -> Act {
    enrolled_with(on, "T1")
}

pub fn enrolled_with(on: Date, ticket: &str) -> Act {
    Act::Enrolled(Box::new(Enrolment {
        session: record(9),
        on,
        item: "2.1".into(),
        seat: 1,
        ticket: ticket.into(),
        schooling: None,
        healthy: true,
        remarks: vec![],
    }))
}

pub fn assessed(on: Date, score: u8) -> Act {
    Act::PracticalAssessed {
        session: record(9),
        on,
        score,
        of: 2,
    }
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
        sha256: String::new(),
    }
}

/// A ground of the law's list for an act on a special-operation certificate.
pub fn listed(act: &str, code: &str, day: Date) -> Ground {
    let wanted = grounds::For {
        act,
        category: Category::SpecialOperation,
        day,
        kind: None,
        status: None,
    };
    grounds::coded(code, &wanted).expect(code).ground("")
}

/// A revocation on a ground that brings no ban.
pub fn revoked(day: Date) -> Act {
    Act::Revoked {
        ground: listed("revoked", "unfit", day),
        banned_until: None,
    }
}

pub fn cancelled(day: Date) -> Act {
    Act::Cancelled(listed("cancelled", "request", day))
}

pub fn proposed(act: Act) -> Act {
    Act::ChangeProposed(Box::new(act))
}

pub fn declined() -> Act {
    Act::ProposalDeclined {
        reason: "an invented reason".into(),
    }
}

pub fn extended_review(years: u8) -> Act {
    Act::ReviewExtended {
        years,
        evidence: "an invented record of work".into(),
    }
}

pub fn offered(tie: Option<Tie>) -> Act {
    Act::TransferOffered {
        to: ELSEWHERE.into(),
        tie,
        reason: "an invented reason".into(),
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
        past: domain::office::Past::default(),
    })
}

/// One of each, for a record whose grants say `says`, tried on `day`.
pub fn every(day: Date, says: &Grant) -> Vec<Act> {
    let mut all = of_a_directory(day);
    all.extend(of_a_case(day));
    all.extend(of_a_certificate(day, says));
    all.extend(of_a_feed(day));
    all.extend(of_an_inquiry(day));
    all.extend(of_an_account());
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
        Act::OfficeResumed(ground()),
        Act::SessionOpened {
            institution: INSTITUTION.into(),
            on: day,
        },
        Act::SessionPlanned(plan(day)),
        Act::SessionChanged {
            plan: plan(day),
            reason: "an invented reason".into(),
        },
        Act::SessionCancelled {
            reason: "an invented reason".into(),
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
        enrolled(day),
        Act::SeatGivenUp {
            session: record(9),
            reason: "an invented reason".into(),
        },
        Act::TicketGiven {
            ticket: "T9".into(),
        },
        theory(day, 85),
        assessed(day, 85),
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
        Act::Resubmitted {
            materials: vec![],
            answers: vec![],
        },
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
        Act::Withheld(ground()),
        Act::WithholdingEnded {
            reason: "an invented reason".into(),
        },
        Act::Annulled(listed("annulled", "not_eligible", day)),
        offered(Some(Tie::WorkPlace)),
        Act::Transferred,
        Act::TransferDeclined {
            reason: "an invented reason".into(),
        },
        Act::Closed,
    ]
}

fn of_a_certificate(day: Date, says: &Grant) -> Vec<Act> {
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
        revoked(day),
        cancelled(day),
        proposed(revoked(day)),
        declined(),
        extended_review(10),
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

/// The acts whose words are these, in the order of [`every`].
pub fn some(day: Date, says: &Grant, kinds: &str) -> Vec<Act> {
    let wanted: Vec<&str> = kinds.split(' ').collect();
    let all = every(day, says);
    all.into_iter()
        .filter(|act| wanted.contains(&act.kind()))
        .collect()
}

/// What becomes of an account.
fn of_an_account() -> Vec<Act> {
    let role = domain::office::Role::Approver;
    vec![
        Act::AccountOpened(Box::new(opening())),
        Act::RoleGranted { role },
        Act::RoleWithdrawn { role },
        Act::AccountClosed,
        Act::FactorEnrolled,
        Act::FactorReset,
    ]
}

pub fn opening() -> domain::account::Opening {
    domain::account::Opening {
        login: "somebody".into(),
        name: "an invented officer".into(),
        office: AUTHORITY.into(),
        roles: vec![domain::office::Role::Reviewer],
    }
}
