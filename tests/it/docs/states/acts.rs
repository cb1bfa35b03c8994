//! One of every act, and those of an act's arguments that the law tells apart.

use domain::{
    case::{Handover, Tie},
    catalogue::Category,
    certificate::number_for,
    deadline::Procedure,
    document::{DocType, Document},
    event::{Act, Former, Grant, Material, Registration},
    exam::{Part, Ruling},
    hold::{Held, Hold},
    inquiry::{Line, Question, Reference, Subject, Whom, Words},
    law::{self, Ground, grounds},
    name::Name,
    office::{Authorisation, Office, OfficeKind},
    person::{Person, Sex},
    publication::{Announcement, Content, Proposal, Said},
    record::RecordId,
    session::{Enrolment, Plan},
    term,
    verdict::Kind,
};
use jiff::civil::{Date, date};

pub const INSTITUTION: &str = "9901";
pub const AUTHORITY: &str = "9900";
pub const ELSEWHERE: &str = "9800";

pub const SESSION: u64 = 7;
/// Where a case may sit once more.
const ANOTHER: u64 = 8;

/// What is planned on a day, for the day after.
pub fn plan(day: Date) -> Plan {
    Plan {
        authority: AUTHORITY.into(),
        on: day.tomorrow().expect("a day"),
        begins: "09:00".to_owned(),
        place: "试考点".to_owned(),
        items: vec!["2.1".into()],
        invigilators: vec!["试监".to_owned()],
        assessors: vec!["assessor".into(), "another".into()],
        seats: 2,
    }
}

/// A seat in the session of that day.
pub fn enrolled(on: Date) -> Act {
    seated(SESSION, on)
}

fn seated(session: u64, on: Date) -> Act {
    Act::Enrolled(Box::new(Enrolment {
        session: record(session),
        on,
        item: "2.1".into(),
        seat: 1,
        ticket: "T1".to_owned(),
        schooling: None,
        healthy: true,
        remarks: Vec::new(),
    }))
}

pub fn record(n: u64) -> RecordId {
    RecordId::from_raw(n)
}

pub fn ground() -> Ground {
    Ground::new("R30 art. 30", "an invented reason")
}

/// A ground of the law's list.
fn listed(act: &str, code: &str, day: Date) -> Ground {
    let wanted = grounds::For {
        act,
        category: Category::SpecialOperation,
        day,
        kind: None,
        status: None,
    };
    grounds::coded(code, &wanted).expect(code).ground("")
}

pub fn holder() -> Person {
    let head = "99000019900101001";
    let check = domain::document::check_character(head.as_bytes()).map_or('?', char::from);
    Person {
        name: Name::parse("试例").expect("a name"),
        sex: Sex::Male,
        document: Document::parse(DocType::ResidentId, &format!("{head}{check}"))
            .expect("a number"),
    }
}

pub fn registration(kind: Kind) -> Registration {
    Registration {
        person: holder(),
        category: Category::SpecialOperation,
        item: "2.1".into(),
        kind,
        institution: INSTITUTION.into(),
        authority: AUTHORITY.into(),
        ticket: "T1".to_owned(),
        replaces: None,
        appointment: None,
    }
}

/// What a certificate issued on that day says.
pub fn grant(certificate: RecordId, day: Date) -> Grant {
    let category = Category::SpecialOperation;
    let term = term::issued_on(category, day, law::on(day));
    Grant {
        certificate,
        holder: holder(),
        category,
        item: "2.1".into(),
        number: number_for(category, &holder().document),
        first_issued: term.valid_from,
        valid_from: term.valid_from,
        valid_until: term.valid_until,
        recheck_due: term.recheck_due,
        authority: AUTHORITY.into(),
        appointment: None,
    }
}

pub fn office(kind: OfficeKind, suspended: Option<Ground>) -> Office {
    Office {
        code: INSTITUTION.into(),
        name: "试例".to_owned(),
        kind,
        telephone: "0".to_owned(),
        reports_to: None,
        authorisation: None,
        suspended,
        past: domain::office::Past::default(),
    }
}

fn authorisation() -> Authorisation {
    Authorisation {
        number: "1".to_owned(),
        items: vec!["2.1".into()],
        from: date(2020, 1, 1),
        until: date(2030, 1, 1),
    }
}

/// The five acts by which a case ends in a certificate.
pub fn granting(grant: &Grant) -> Vec<Act> {
    let grant = Box::new(grant.clone());
    vec![
        Act::CertificateIssued(grant.clone()),
        Act::Renewed(grant.clone()),
        Act::Rechecked(grant.clone()),
        Act::Replaced(grant.clone()),
        Act::Reissued(grant),
    ]
}

/// Every act in the order of its declaration. `certificate` and `batch` are the second records some
/// of them name, `day` the one they happen on.
pub fn on(certificate: RecordId, batch: RecordId, day: Date) -> Vec<Act> {
    let says = grant(certificate, day);
    let mut all = vec![
        Act::OfficeEntered(Box::new(office(OfficeKind::Institution, None))),
        Act::OfficeAuthorised(authorisation()),
        Act::OfficeSuspended(ground()),
        Act::OfficeResumed(ground()),
    ];
    all.extend(planning(day));
    all.extend(of_an_account());
    all.extend(examining(day));
    all.extend(deciding());
    all.push(Act::Made {
        batch: "B1".to_owned(),
        number: says.number.clone(),
    });
    all.extend(granting(&says));
    all.extend([
        Act::Printed,
        Act::Withheld(ground()),
        Act::WithholdingEnded {
            reason: "an invented reason".to_owned(),
        },
        Act::Annulled(listed("annulled", "not_eligible", day)),
        Act::TransferOffered {
            to: ELSEWHERE.into(),
            tie: Some(Tie::WorkPlace),
            reason: "an invented reason".to_owned(),
        },
        Act::Transferred,
        Act::TransferDeclined {
            reason: "an invented reason".to_owned(),
        },
        Act::CardSpoiled {
            reason: "torn".to_owned(),
        },
        Act::Delivered {
            to: Handover::Holder,
            note: String::new(),
        },
        Act::Closed,
    ]);
    all.extend(taking_over(batch, &says));
    all.extend(afterwards(&says, day));
    all.extend(stopping());
    all.extend(inquiring(day));
    all.extend(publishing(day));
    all
}

/// A batch of a former register.
fn taking_over(batch: RecordId, says: &Grant) -> Vec<Act> {
    vec![
        Act::BatchProposed {
            authority: AUTHORITY.into(),
            sha256: String::new(),
            count: 1,
        },
        Act::BatchReleased,
        Act::TakenOver(Box::new(Former {
            batch,
            grant: says.clone(),
        })),
        Act::BatchClosed {
            skipped: 0,
            differing: 0,
            faulty: 1,
        },
        Act::BatchClosed {
            skipped: 0,
            differing: 1,
            faulty: 0,
        },
        Act::DifferenceKept {
            row: 2,
            reason: "an invented reason".to_owned(),
        },
    ]
}

/// A session from its plan on, a sheet of results, a registration.
fn planning(day: Date) -> Vec<Act> {
    vec![
        Act::SessionOpened {
            institution: INSTITUTION.into(),
            on: day,
        },
        Act::SessionPlanned(Box::new(plan(day))),
        Act::SessionChanged {
            plan: Box::new(plan(day)),
            reason: "an invented reason".to_owned(),
        },
        Act::SessionCancelled {
            reason: "an invented reason".to_owned(),
        },
        Act::SheetImported {
            institution: INSTITUTION.into(),
            sha256: String::new(),
            taken: 1,
            refused: 0,
        },
        Act::Registered(Box::new(registration(Kind::Initial))),
    ]
}

/// The acts of the exam, each score once passed and once not.
fn examining(day: Date) -> Vec<Act> {
    let session = record(SESSION);
    let mut all = vec![Act::TicketGiven {
        ticket: "T2".to_owned(),
    }];
    for session in [SESSION, ANOTHER] {
        all.push(seated(session, day));
        all.push(Act::SeatGivenUp {
            session: record(session),
            reason: "an invented reason".to_owned(),
        });
    }
    for score in [90, 10] {
        all.push(Act::TheoryScored {
            session,
            on: day,
            score,
            machine: None,
        });
    }
    for of in [2, 3] {
        all.push(Act::PracticalAssessed {
            session,
            on: day,
            score: 90,
            of,
        });
    }
    for score in [90, 10] {
        let reason = "an invented reason".to_owned();
        for panel in [
            None,
            Some(Ruling::Agreed),
            Some(Ruling::Resolved { reason }),
        ] {
            all.push(Act::PracticalScored {
                session,
                on: day,
                score,
                panel,
            });
        }
    }
    all.push(Act::ScoresConfirmed);
    for part in [Part::Theory, Part::Practical] {
        let reason = "an invented reason".to_owned();
        all.push(Act::ScoreRecheckAsked { part, reason });
    }
    for part in [Part::Theory, Part::Practical] {
        all.extend([90, 10].map(|score| Act::ScoreRechecked { part, score }));
    }
    all
}

/// The acts between report and decision.
fn deciding() -> Vec<Act> {
    let materials: Vec<Material> = Vec::new();
    let missing = vec!["a photograph".to_owned()];
    vec![
        Act::Reported {
            materials: materials.clone(),
        },
        Act::Returned { missing },
        Act::Resubmitted {
            materials,
            answers: Vec::new(),
        },
        Act::Accepted,
        Act::DeemedAccepted,
        Act::Refused(ground()),
        Act::ProcedureBegun {
            procedure: Procedure::Hearing,
            until: date(2039, 1, 1),
            notice: "an invented notice".to_owned(),
        },
        Act::ProcedureEnded,
        Act::DecisionExtended {
            days: 1,
            head: "an invented head".to_owned(),
            reason: "an invented reason".to_owned(),
        },
        Act::Reviewed,
        Act::Approved,
        Act::Rejected(ground()),
    ]
}

/// What becomes of a certificate after its issue.
fn afterwards(says: &Grant, day: Date) -> Vec<Act> {
    let decided = [
        Act::Corrected {
            holder: Box::new(says.holder.clone()),
            number: says.number.clone(),
            evidence: "an invented document".to_owned(),
            sha256: String::new(),
        },
        Act::Revoked {
            ground: listed("revoked", "unfit", day),
            banned_until: None,
        },
        Act::Cancelled(listed("cancelled", "request", day)),
    ];
    let mut all = vec![
        Act::Suspended(ground()),
        Act::Resumed,
        Act::Lapsed,
        Act::ProposalDeclined {
            reason: "an invented reason".to_owned(),
        },
        Act::ReviewExtended {
            years: 10,
            evidence: "an invented record of work".to_owned(),
        },
    ];
    for act in decided {
        all.push(Act::ChangeProposed(Box::new(act.clone())));
        all.push(act);
    }
    all
}

/// What becomes of a feed; its halt began long before any day here.
fn stopping() -> Vec<Act> {
    let held = Held {
        province: "99".to_owned(),
        hold: Hold::Fork,
        since: jiff::Timestamp::UNIX_EPOCH,
        entries: 7,
    };
    let ground = "an invented reason".to_owned();
    vec![Act::FeedHeld(Box::new(held)), Act::FeedResumed { ground }]
}

/// What somebody asks of the authority.
pub fn question(day: Date) -> Question {
    let holder = holder();
    Question {
        reference: Reference::from_raw(5),
        proof: String::new(),
        to: AUTHORITY.into(),
        subject: Subject::Details,
        words: words("an invented question"),
        contact: Line::parse("an invented telephone").ok(),
        whom: Some(Whom {
            name: holder.name,
            document: holder.document,
        }),
        ticket: Line::parse("T1").ok(),
        case: None,
        institution: Some(INSTITUTION.into()),
        exam_day: Some(day),
    }
}

fn words(text: &str) -> Words {
    Words::parse(text).expect("words")
}

/// Question and answer, and what lies between them.
fn inquiring(day: Date) -> Vec<Act> {
    let mut all = vec![Act::InquiryAsked(Box::new(question(day)))];
    for to in [ELSEWHERE, AUTHORITY] {
        let (to, reason) = (to.into(), words("an invented reason"));
        all.push(Act::InquiryForwarded { to, reason });
    }
    let words = words("an invented answer");
    all.push(Act::InquiryAnswered {
        words: words.clone(),
    });
    all.push(Act::InquiryReopened { words });
    all
}

/// An announcement of that day, and what becomes of it.
pub fn publishing(day: Date) -> Vec<Act> {
    let said = || Said {
        title: Line::parse("an invented title").expect("a title"),
        words: words("invented words"),
    };
    let content = Content::Announcement(Announcement {
        zh: said(),
        en: said(),
        from: day,
        until: day,
    });
    let (sha256, ground) = (String::new(), "an invented reason".to_owned());
    vec![
        Act::PublicationProposed(Box::new(Proposal { content, sha256 })),
        Act::PublicationApproved,
        Act::PublicationWithdrawn { ground },
    ]
}

/// One day's acts, for whoever needs only their names and roles.
pub fn every() -> Vec<Act> {
    on(record(2), record(3), date(2026, 11, 23))
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
