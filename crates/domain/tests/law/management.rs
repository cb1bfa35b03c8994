//! The second certificate: its own fields, theory alone, and an extension instead of a renewal.

use domain::{
    case::{Case, State, Tie},
    catalogue::{Catalogue, Category},
    certificate::{Certificate, number_for},
    dossier::Dossier,
    eligibility::{self, Applicant, Code},
    event::{Act, Event, Grant, Registration},
    exam::Outcome,
    law, management,
    management::{Appointment, Industry, UnitType},
    office::{By, Role},
    refusal::Refusal,
    roster::{Cell, Column, RawRow, judge},
    term,
    verdict::{Kind, StatusWord},
};
use jiff::{
    Span, ToSpan,
    civil::{Date, date},
};
use proptest::prelude::*;

use super::{
    acts::{self, AUTHORITY, CASE, CERTIFICATE, ELSEWHERE, holder, record},
    story::{at, by},
};

const MANAGES: Category = Category::SafetyManagement;

fn appointment() -> Appointment {
    Appointment {
        industry: Industry::HazardousChemicals,
        unit: UnitType::Trade,
        employer: "试例化工有限公司".into(),
    }
}

fn registration(kind: Kind) -> Registration {
    Registration {
        category: MANAGES,
        item: "M1".into(),
        appointment: Some(Box::new(appointment())),
        ..acts::registration(kind)
    }
}

fn grant(day: Date) -> Grant {
    let term = term::issued_on(MANAGES, day, law::on(day));
    Grant {
        category: MANAGES,
        item: "M1".into(),
        number: number_for(MANAGES, &holder().document),
        valid_from: day,
        valid_until: term.valid_until,
        recheck_due: None,
        appointment: Some(Box::new(appointment())),
        ..*acts::grant(day)
    }
}

fn issued(day: Date) -> Certificate {
    let act = Act::CertificateIssued(Box::new(grant(day)));
    let event = Event {
        at: at(day),
        by: by(Role::Issuer),
        law: law::on(day).name,
        record: record(CASE),
        act,
    };
    Certificate::begun(&event).expect("a certificate")
}

fn named(role: Role, officer: &str) -> By {
    By {
        officer: officer.into(),
        ..by(role)
    }
}

fn reported() -> Act {
    Act::Reported {
        materials: Vec::new(),
    }
}

/// Each act on the next day, by officers of its own.
fn done(mut case: Case, day: Date, acts: Vec<Act>) -> Result<Case, Refusal> {
    let mut on = day;
    for act in acts {
        let role = act.roles()[0];
        let by = named(role, &format!("one of {role:?}"));
        case = case.act(act, by, at(on))?.0;
        on = on.saturating_add(1.day());
    }
    Ok(case)
}

fn begun(registration: Registration, day: Date) -> Result<Case, Refusal> {
    let by = by(Role::InstitutionClerk);
    Case::register(record(CASE), registration, day, by, at(day)).map(|(case, _)| case)
}

fn made(number: String) -> Act {
    Act::Made {
        batch: "2026-7".into(),
        number,
    }
}

#[test]
fn a_manager_is_registered_with_an_appointment_and_an_operator_without() {
    let day = date(2026, 11, 2);
    for kind in [Kind::Initial, Kind::Renewal, Kind::Reissue] {
        let bare = Registration {
            appointment: None,
            ..registration(kind)
        };
        // A certificate that a former register told without it can be extended and reissued.
        let wanted = (kind == Kind::Initial).then_some(Refusal::AppointmentMissing);
        assert_eq!(begun(bare, day).err(), wanted, "{kind:?}");
        let nameless = Registration {
            appointment: Some(Box::new(Appointment {
                employer: " ".into(),
                ..appointment()
            })),
            ..registration(kind)
        };
        assert_eq!(
            begun(nameless, day).err(),
            Some(Refusal::AppointmentMissing)
        );
        let operator = Registration {
            appointment: Some(Box::new(appointment())),
            ..acts::registration(kind)
        };
        assert_eq!(
            begun(operator, day).err(),
            Some(Refusal::CertificateDiffers)
        );
        assert!(begun(registration(kind), day).is_ok());
    }
}

#[test]
fn theory_alone_passes_a_manager() {
    let day = date(2026, 11, 2);
    let case = begun(registration(Kind::Initial), day).expect("a case");
    let practical = done(case.clone(), day, vec![acts::practical(day, 90)]);
    assert_eq!(practical.err(), Some(Refusal::NoPracticalPart));
    let failed = done(
        case.clone(),
        day,
        vec![acts::theory(day, 79), Act::ScoresConfirmed],
    )
    .expect("confirmed");
    assert!(
        matches!(
            failed.state,
            State::Confirmed {
                outcome: Outcome::NotPassed { .. },
                ..
            }
        ),
        "{failed:?}"
    );
    assert!(failed.may_sit_on(day.tomorrow().expect("a day")));
    let passed = done(
        case,
        day,
        vec![acts::theory(day, 80), Act::ScoresConfirmed, reported()],
    );
    let passed = passed.expect("reported");
    assert!(matches!(passed.state, State::Reported { .. }));
    let bytes = serde_json::to_string(&passed).expect("json");
    let read: Case = serde_json::from_str(&bytes).expect("a case");
    assert_eq!(read, passed);
}

/// The number is the document's without the T, and the card says what the case said.
#[test]
fn the_certificate_says_what_the_case_said() {
    let day = date(2026, 11, 2);
    let case = begun(registration(Kind::Initial), day).expect("a case");
    let number = holder().document.expose().to_owned();
    let way = vec![
        acts::theory(day, 80),
        Act::ScoresConfirmed,
        reported(),
        Act::Accepted,
        Act::Reviewed,
        Act::Approved,
    ];
    let case = done(case, day, way).expect("approved");
    let later = day.saturating_add(10.days());
    let with_t = done(case.clone(), later, vec![made(format!("T{number}"))]);
    assert_eq!(with_t.err(), Some(Refusal::CertificateDiffers));
    let case = done(case, later, vec![made(number)]).expect("made");
    let last = later.saturating_add(1.day());
    let says = grant(last);
    assert_eq!(says.valid_until, term::last_day(last, 3));
    let other = Grant {
        appointment: None,
        ..says.clone()
    };
    let tried = done(
        case.clone(),
        last,
        vec![Act::CertificateIssued(Box::new(other))],
    );
    assert_eq!(tried.err(), Some(Refusal::CertificateDiffers));
    assert!(done(case, last, vec![Act::CertificateIssued(Box::new(says))]).is_ok());
}

fn extended(certificate: &Certificate, on: Date) -> Grant {
    let says = &certificate.says;
    Grant {
        valid_until: management::extended(says.valid_until, law::on(on)),
        ..says.clone()
    }
}

#[test]
fn an_extension_needs_no_exam_and_no_other_authority() {
    let certificate = issued(date(2024, 1, 8));
    let day = date(2026, 11, 2);
    let case = begun(registration(Kind::Renewal), day).expect("a case");
    let number = certificate.says.number.clone();
    let way = vec![
        reported(),
        Act::Accepted,
        Act::Reviewed,
        Act::Approved,
        made(number),
    ];
    let case = done(case, day, way).expect("made");
    let on = day.saturating_add(5.days());
    // Nothing new is begun by it.
    let anew = Act::CertificateIssued(Box::new(grant(on)));
    let tried = done(case.clone(), on, vec![anew]);
    assert_eq!(tried.err(), Some(Refusal::NoFormerCertificate));
    let says = extended(&certificate, on);
    let act = Act::Renewed(Box::new(says.clone()));
    assert!(done(case, on, vec![act.clone()]).is_ok());
    let (after, _) = certificate
        .clone()
        .act(act, by(Role::Issuer), at(on))
        .expect("extended");
    assert_eq!(
        (after.says.valid_from, after.says.valid_until),
        (date(2024, 1, 8), date(2030, 1, 7))
    );
    let refused = |grant: Grant, wanted: Refusal| {
        let act = Act::Renewed(Box::new(grant));
        let tried = certificate.clone().act(act, by(Role::Issuer), at(on));
        assert_eq!(tried.err(), Some(wanted));
    };
    let elsewhere = Grant {
        authority: ELSEWHERE.into(),
        ..says.clone()
    };
    refused(elsewhere, Refusal::NotThisOffice);
    // A term of its own, as a renewal of the other certificate begins one.
    refused(grant(on), Refusal::CertificateDiffers);
    let own_term = Grant {
        first_issued: certificate.says.first_issued,
        ..grant(on)
    };
    refused(own_term, Refusal::TermDiffers);
}

/// Nobody but the authority that issued it extends a certificate: elsewhere the case would be
/// decided, made, and never issued.
#[test]
fn an_extension_goes_to_no_other_authority() {
    let day = date(2026, 11, 2);
    let offer = || acts::offered(Some(Tie::WorkPlace));
    let extends = begun(registration(Kind::Renewal), day).expect("a case");
    let offered = done(extends, day, vec![reported(), offer()]);
    assert_eq!(offered.err(), Some(Refusal::NotThisOffice));
    let reissues = begun(registration(Kind::Reissue), day).expect("a case");
    assert!(done(reissues, day, vec![reported(), offer()]).is_ok());
}

fn codes(dossier: &Dossier, kind: Kind, on: Date) -> Vec<Code> {
    let person = holder();
    let who = Applicant {
        person: &person,
        category: MANAGES,
        item: &"M1".into(),
        group: "M",
        kind,
        schooling: None,
        healthy: false,
    };
    let found = eligibility::check(&who, dossier, None, on);
    found.iter().map(|finding| finding.code).collect()
}

/// The rules of R30 about operators are not asked of managers: age, schooling, health.
#[test]
fn nothing_is_asked_of_a_manager_that_no_rule_asks() {
    let empty = Dossier::default();
    // Ninety years after the birth date in the number.
    for on in [
        date(2000, 1, 1),
        date(2026, 5, 31),
        date(2026, 6, 1),
        date(2080, 1, 1),
    ] {
        assert_eq!(codes(&empty, Kind::Initial, on), [], "{on}");
        assert_eq!(
            codes(&empty, Kind::Renewal, on),
            [Code::NothingToExtend],
            "{on}"
        );
    }
    let mut dossier = Dossier::default();
    dossier.put_certificate(issued(date(2024, 1, 8)));
    for (on, wanted) in [
        (date(2026, 12, 8), vec![]),
        (date(2026, 12, 9), vec![Code::ExtensionLate]),
        (date(2027, 1, 7), vec![Code::ExtensionLate]),
        (date(2027, 1, 8), vec![Code::TermOver]),
    ] {
        let found = codes(&dossier, Kind::Renewal, on);
        assert_eq!(found, wanted, "{on}");
    }
    assert_eq!(
        codes(&dossier, Kind::Initial, date(2026, 12, 9)),
        [Code::CertificateValid]
    );
}

fn row(cells: &[(Column, &str)]) -> RawRow {
    let mut raw = RawRow::default();
    let person = holder();
    for (column, text) in [
        (Column::Name, person.name.expose()),
        (Column::DocNumber, person.document.expose()),
        (Column::Kind, "初领"),
        (Column::ExamDate, "2026-11-20"),
        (Column::Theory, "86"),
    ]
    .iter()
    .chain(cells)
    {
        raw.set(*column, Cell::Text((*text).to_owned()));
    }
    raw
}

/// Rows of both certificates may stand in one sheet; one row is for one of them.
#[test]
fn a_row_is_for_one_of_the_two_certificates() {
    use Column::{Employer, Industry as Field, Item, Practical, Role, UnitType as Unit};
    let catalogue = Catalogue::shipped();
    let judged = |cells: &[(Column, &str)]| {
        let judged = judge(&row(cells), &catalogue, date(2026, 11, 23));
        judged
            .outcome
            .map(|row| (row.item.as_str().to_owned(), row.appointment.is_some()))
            .map_err(|all| all.iter().map(|r| r.code.as_str()).collect::<Vec<_>>())
    };
    let unit = [
        (Field, "危险化学品"),
        (Unit, "经营单位"),
        (Employer, "试例化工有限公司"),
    ];
    let with = |more: &[(Column, &'static str)]| [unit.as_slice(), more].concat();
    let good = |item: &str, appointed| Ok((item.to_owned(), appointed));
    assert_eq!(judged(&with(&[(Role, "主要负责人")])), good("M1", true));
    assert_eq!(
        judged(&with(&[(Item, "安全生产管理人员")])),
        good("M2", true)
    );
    // The unit of a welder is passed over, whatever it says.
    assert_eq!(
        judged(&with(&[(Item, "压力焊"), (Role, "企业职工")])),
        good("2.2", false)
    );
    assert_eq!(
        judged(&with(&[(Item, "压力焊"), (Role, "主要负责人")])),
        Err(vec!["two_items"])
    );
    assert_eq!(
        judged(&with(&[(Role, "主要负责人"), (Practical, "90")])),
        Err(vec!["no_practical_part"])
    );
    assert_eq!(
        judged(&[(Role, "主要负责人")]),
        Err(vec![
            "industry_unknown",
            "unit_type_unknown",
            "employer_missing"
        ])
    );
    assert_eq!(
        judged(&with(&[(Role, "某某人员")])),
        Err(vec!["unknown_item"])
    );
    // An extension that says nothing goes on with what the certificate says.
    let renewed = [(Role, "主要负责人"), (Column::Kind, "延期换证")];
    assert_eq!(judged(&renewed), good("M1", false));
}

proptest! {
    /// Whenever it was issued and on whatever day one looks: until the last day to ask the holder is
    /// pointed to that day, then to the end, and never to a day that has passed.
    #[test]
    fn the_next_day_to_act_never_lies_behind(
        first in 0_i32..8_000,
        look in 0_i32..1_200,
    ) {
        let day = date(2011, 1, 1).saturating_add(Span::new().days(first));
        let certificate = issued(day);
        let until = certificate.says.valid_until;
        let on = day.saturating_add(Span::new().days(look));
        let next = certificate.next_due(on);
        let opens = certificate.opens(Kind::Renewal, on);
        if on > until {
            prop_assert_eq!(certificate.status_on(on), StatusWord::Expired);
            prop_assert_eq!(next, None);
            prop_assert_eq!(opens, Err(Refusal::WindowClosed));
        } else {
            let by = management::ask_by(until, law::on(on));
            prop_assert_eq!(by.saturating_add(30.days()), until);
            prop_assert_eq!(next, Some(if on <= by { by } else { until }));
            prop_assert_eq!(opens, Ok(()));
        }
    }

    /// However often it is extended and whenever that is decided, no day is lost and none is given
    /// away: the terms join, and each is three years.
    #[test]
    fn extensions_join(first in 0_i32..6_000, early in proptest::collection::vec(0_i64..400, 1..5)) {
        let day = date(2011, 1, 1).saturating_add(Span::new().days(first));
        let mut certificate = issued(day);
        let mut on = day;
        for (times, days) in early.iter().enumerate() {
            let until = certificate.says.valid_until;
            on = on.max(until.saturating_sub(Span::new().days(*days)));
            let says = extended(&certificate, on);
            let act = Act::Renewed(Box::new(says));
            certificate = certificate.act(act, by(Role::Issuer), at(on)).expect("extended").0;
            let years = 3 * (u8::try_from(times).expect("few") + 2);
            let whole = term::last_day(day, years);
            let new = certificate.says.valid_until;
            // The 29th of February begins a term that ends with the month.
            prop_assert!(new == whole || new.saturating_add(1.day()) == whole, "{} {}", new, whole);
            prop_assert_eq!(certificate.says.valid_from, day);
            prop_assert_eq!(certificate.status_on(new), StatusWord::Valid);
            prop_assert_eq!(
                certificate.status_on(new.saturating_add(1.day())),
                StatusWord::Expired
            );
        }
        prop_assert_eq!(certificate.says.authority.as_str(), AUTHORITY);
        prop_assert_eq!(certificate.says.certificate, record(CERTIFICATE));
    }
}
