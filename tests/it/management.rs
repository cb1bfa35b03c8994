//! The certificate of managers, from the sheet to the extension, done the way the offices do it.

use domain::{
    case::State,
    catalogue::Category,
    management::{Industry, UnitType},
    name::Name,
    record::RecordId,
    refusal::Refusal,
    verdict::{Kind, StatusWord},
};
use jiff::civil::{Date, date};
use kecha::registry::{AtCounter, Command, Error, Imported, Lost};

use crate::{
    house::{House, INSTITUTION, on_both},
    office::{Day, Person, UNIT, WELDING, managers, sheet},
};

const MANAGES: Category = Category::SafetyManagement;
const ISSUED: Date = date(2026, 1, 12);
/// The last day of the term of three years, and the last to ask for the extension in time.
const UNTIL: Date = date(2029, 1, 11);
const ASK_BY: Date = date(2028, 12, 12);

fn line(person: &Person, kind: &str, on: Date, theory: &str) -> String {
    let line = person.line("主要负责人", kind, on, theory, "");
    format!("{line},{UNIT}")
}

/// A manager with a certificate.
fn certified(day: &Day<'_>, person: &Person) -> RecordId {
    let taken = day.imports(&managers(&[line(person, "初领", ISSUED, "86")]), false);
    assert!(
        matches!(taken.outcome, Imported::Done { taken: 1, .. }),
        "{taken:?}"
    );
    day.finishes(day.case(person, "examined").id);
    let State::Issued { certificate, .. } = day.case(person, "issued").state else {
        panic!("issued");
    };
    certificate
}

fn card(person: &Person) -> Lost {
    Lost {
        document: person.document(),
        name: Name::parse(&person.name).expect("a name"),
        item: "M1".into(),
        materials: Vec::new(),
        appointment: None,
    }
}

/// From the acceptance to the issue.
fn decided(day: &Day<'_>, case: RecordId) {
    for (login, command, word) in [
        ("desk", Command::Accept, "accepted"),
        ("first", Command::Review, "reviewed"),
        ("second", Command::Approve, "approved"),
        (
            "maker",
            Command::Make {
                batch: "B2".to_owned(),
            },
            "made",
        ),
        ("maker", Command::Issue, "issued"),
    ] {
        assert_eq!(day.does(login, command, case), Ok(word));
    }
}

fn refused<T: std::fmt::Debug>(done: Result<T, Error>, wanted: Refusal) {
    let error = done.expect_err("refused");
    assert!(matches!(error, Error::Refused(r) if r == wanted), "{error}");
}

on_both! {
    /// One sheet for both certificates; each row is a case of its own kind, and theory passes a
    /// manager alone.
    fn a_sheet_of_both(house: &House) {
        let (wang, li, day) = (Person::new("王一", 1), Person::new("李二", 2), house.on(ISSUED));
        let welder = format!("{},,,", li.line(WELDING, "初领", ISSUED, "86", "91"));
        let both = managers(&[line(&wang, "初领", ISSUED, "86"), welder]);
        // The column is called 人员类型; the welder's item stands there, and is none.
        let told = day.imports(&both, true);
        assert_eq!(told.refused, 1, "{told:?}");
        assert_eq!(day.case(&wang, "examined").registration.category, MANAGES);
        let practical = format!("{},{UNIT}", li.line("主要负责人", "初领", ISSUED, "86", "91"));
        assert_eq!(day.imports(&managers(&[practical]), true).refused, 1);
        let silent = li.line("主要负责人", "初领", ISSUED, "86", "");
        assert_eq!(day.imports(&sheet(&[silent]), true).refused, 1, "of no unit");
        let case = day.case(&wang, "examined");
        assert_eq!(day.does("lead", Command::Confirm, case.id), Ok("passed"));
        let appointment = case.registration.appointment.expect("told by the sheet");
        assert_eq!(appointment.employer, "试例化工有限公司");
    }

    /// The public is told role, industry and kind of unit, and not the unit; the next day to act is
    /// the last to ask for the extension, then the end.
    fn what_is_told_of_a_manager(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(ISSUED));
        certified(&day, &wang);
        assert!(day.asks(&wang, None).certificates.is_empty());
        let told = day.asks_for(MANAGES, &wang, None).certificates.remove(0);
        assert_eq!((&told.number, told.valid_until), (&wang.number, UNTIL));
        assert_eq!(told.industry, Some(Industry::HazardousChemicals));
        assert_eq!(told.unit_type, Some(UnitType::Trade));
        let all = serde_json::to_string(&told).expect("json");
        assert!(!all.contains("试例化工"), "{all}");
        for (on, next, status) in [
            (ASK_BY, Some(ASK_BY), StatusWord::Valid),
            (date(2028, 12, 13), Some(UNTIL), StatusWord::Valid),
            (date(2029, 1, 12), None, StatusWord::Expired),
        ] {
            let told = house.on(on).asks_for(MANAGES, &wang, None).certificates.remove(0);
            assert_eq!((told.next_due, told.status), (next, status), "{on}");
        }
    }

    /// 延期: in time, late and too late; by the authority that issued, without an exam, and the new
    /// term joins the old one.
    fn a_manager_asks_for_the_extension(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(ISSUED));
        let id = certified(&day, &wang);
        let registry = house.registry();
        let (clerk, desk) = (house.officer("clerk"), house.officer("desk"));
        let late = house.on(date(2029, 1, 12));
        refused(registry.ask_extension(&card(&wang), &clerk, late.now), Refusal::WindowClosed);
        // It is no renewal with an exam, and none of a welder's is an extension.
        let asked = AtCounter { certificate: id, kind: Kind::Renewal, institution: INSTITUTION.into() };
        refused(registry.take_application(&asked, &desk, day.now), Refusal::WrongState);
        let last = house.on(UNTIL);
        let case = registry.ask_extension(&card(&wang), &clerk, last.now).expect("a case");
        refused(registry.ask_extension(&card(&wang), &clerk, last.now), Refusal::CaseRunning);
        decided(&house.on(date(2029, 1, 15)), case);
        let told = house.on(date(2029, 1, 15)).asks_for(MANAGES, &wang, None).certificates;
        assert_eq!(told.len(), 1, "it is the same one");
        assert_eq!((told[0].first_issued, told[0].valid_from), (ISSUED, ISSUED));
        assert_eq!(told[0].valid_until, date(2032, 1, 11));
        assert_eq!(told[0].industry, Some(Industry::HazardousChemicals));
    }

    /// At the counter, on the page of the certificate: no institution is asked for.
    fn an_extension_is_asked_for_at_the_counter(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(ISSUED));
        let id = certified(&day, &wang);
        let page = format!("/console/certificates/{id}");
        let mut desk = house.browser("desk");
        let shown = desk.get(&page);
        for told in ["危险化学品", "经营单位", "试例化工有限公司", "延期"] {
            assert!(shown.text.contains(told), "{told}");
        }
        assert!(!shown.text.contains("renewal-institution"));
        let sent = [("command", "renewal"), ("materials", "照片\n安全培训合格记录")];
        let done = desk.post(&format!("{page}/take"), &sent);
        assert_eq!(done.status, 303, "{}", done.text);
        let case = desk.get(done.location());
        assert!(case.text.contains("延期") && case.text.contains("试例化工有限公司"));
        assert!(!done.location().contains(&wang.number));
    }

    /// An institution's page for what needs no exam.
    fn an_institution_hands_in_an_extension(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(ISSUED));
        certified(&day, &wang);
        let mut clerk = house.browser("clerk");
        assert!(clerk.get("/console/reissue").text.contains("value=\"extension\""));
        let form = |unit: &'static str, employer: &'static str| {
            [
                ("what", "extension"),
                ("doc_type", "resident_id"),
                ("doc_number", wang.number.as_str()),
                ("name", wang.name.as_str()),
                ("item", "M1"),
                ("materials", "照片"),
                ("industry", "fireworks"),
                ("unit_type", unit),
                ("employer", employer),
            ]
        };
        let wrong = clerk.post("/console/reissue", &form("", ""));
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("请选择单位类型"), "{}", wrong.text);
        let done = clerk.post("/console/reissue", &form("storage", "试例烟花仓储有限公司"));
        assert_eq!(done.status, 303, "{}", done.text);
        let case = clerk.get(done.location());
        assert!(case.text.contains("试例烟花仓储有限公司"), "where the manager works now");
    }
}
