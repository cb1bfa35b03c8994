//! An exam from the plan to the confirmed scores, done the way an institution does it.

mod again;
mod slip;

use domain::{
    case::{State, panel::Standing},
    document::{DocType, Document},
    eligibility::{Code, Schooling},
    exam::{Machine, Part},
    name::Name,
    person::{Person as Holder, Sex},
    record::RecordId,
    refusal::Refusal,
    verdict::{Kind, Verdict},
};
use jiff::civil::{Date, date};
use kecha::registry::{AskedSeat, Command, Error, MachineRow, Planned};

use crate::{
    house::{House, PASSWORD, noon, on_both},
    office::{Person, WELDING, sheet},
};

const MONDAY: Date = date(2026, 11, 2);
const EXAM: Date = date(2026, 11, 9);

fn planned(on: Date) -> Planned {
    Planned {
        on,
        begins: "09:00".to_owned(),
        place: "一号楼".to_owned(),
        items: vec!["2.1".into()],
        invigilators: vec!["试监".to_owned()],
        assessors: vec!["one".into(), "two".into()],
        seats: 2,
    }
}

fn plans(house: &House, on: Date) -> RecordId {
    let by = house.officer("clerk");
    let begun = house
        .registry()
        .plan_session(&planned(on), &by, noon(MONDAY));
    begun.expect("a session")
}

fn asks(person: &Person) -> AskedSeat {
    AskedSeat {
        person: Holder {
            name: Name::parse(&person.name).expect("a name"),
            sex: Sex::Male,
            document: person.document(),
        },
        item: "2.1".into(),
        kind: Kind::Initial,
        schooling: Some(Schooling::JuniorMiddle),
        healthy: true,
        ticket: None,
        appointment: None,
    }
}

/// Enrols these on a day; tells who was refused, and why.
fn enrols(
    house: &House,
    session: RecordId,
    asked: Vec<AskedSeat>,
    on: Date,
) -> Vec<Option<Refusal>> {
    let rows: Vec<_> = (2..).zip(asked).collect();
    let by = house.officer("clerk");
    let told = house.registry().enrol(session, &rows, true, &by, noon(on));
    let told = told.expect("an answer");
    told.iter().map(|one| one.looked.refusal).collect()
}

fn theory(
    house: &House,
    session: RecordId,
    ticket: &str,
    score: u8,
    on: Date,
) -> Result<RecordId, Refusal> {
    let row = MachineRow {
        row: 2,
        ticket: ticket.to_owned(),
        score,
        machine: Machine {
            name: "07".to_owned(),
            at: noon(on),
        },
    };
    let by = house.officer("clerk");
    let told = house
        .registry()
        .take_theory(session, (&[row], 0), None, &by, noon(on));
    told.expect("an answer")[0].case
}

fn assesses(
    house: &House,
    login: &str,
    session: RecordId,
    case: RecordId,
    score: u8,
) -> Result<Standing, Refusal> {
    let by = house.officer(login);
    match house
        .registry()
        .assess(session, case, score, &by, noon(EXAM))
    {
        Ok(standing) => Ok(standing),
        Err(Error::Refused(refusal)) => Err(refusal),
        Err(other) => panic!("{other:?}"),
    }
}

fn refused<T>(done: Result<T, Error>) -> Option<Refusal> {
    match done {
        Ok(_) => None,
        Err(Error::Refused(refusal)) => Some(refusal),
        Err(other) => panic!("{other:?}"),
    }
}

on_both! {
    /// The whole of it: planned before its day, seated, theory at once, a panel that agrees, and
    /// somebody else who confirms.
    fn an_exam_from_plan_to_result(house: &House) {
        let (wang, session) = (Person::new("王一", 1), plans(house, EXAM));
        assert_eq!(enrols(house, session, vec![asks(&wang)], MONDAY), [None]);
        let day = house.on(EXAM);
        let case = day.case(&wang, "registered");
        let ticket = case.registration.ticket.clone();
        assert_eq!(theory(house, session, &ticket, 85, EXAM), Ok(case.id));
        assert_eq!(theory(house, session, &ticket, 99, EXAM), Err(Refusal::AlreadyImported));
        assert_eq!(assesses(house, "one", session, case.id, 88), Ok(Standing::Waiting { left: 1 }));
        assert_eq!(assesses(house, "one", session, case.id, 90), Err(Refusal::AlreadyAssessed));
        assert_eq!(day.does("lead", Command::Confirm, case.id), Err(Refusal::PanelOpen));
        assert_eq!(assesses(house, "two", session, case.id, 91), Ok(Standing::Agreed(89)));
        assert_eq!(day.does("lead", Command::Confirm, case.id), Ok("passed"));
        let passed = day.case(&wang, "passed");
        assert_eq!(passed.exam.last(Part::Practical).map(|a| a.score), Some(89));
        assert!(passed.exam.attempts.iter().all(|a| a.session == session));
        assert_eq!(day.asks(&wang, Some(&ticket)).verdict, Verdict::InProgress);
        let file = house.registry().session_file(&house.officer("clerk"), session);
        let lines = file.expect("a file").lines;
        assert_eq!((lines[0].seat, lines[0].case.ticket_in(session)), (Some(1), Some(&*ticket)));
    }

    /// What differs is resolved on record by the lead, between the two.
    fn a_panel_that_differs(house: &House) {
        let (wang, session) = (Person::new("王一", 1), plans(house, EXAM));
        enrols(house, session, vec![asks(&wang)], MONDAY);
        let day = house.on(EXAM);
        let case = day.case(&wang, "registered");
        theory(house, session, &case.registration.ticket, 80, EXAM).expect("theory");
        assesses(house, "one", session, case.id, 70).expect("a score");
        let differs = Standing::Differs { low: 70, high: 90 };
        assert_eq!(assesses(house, "two", session, case.id, 90), Ok(differs));
        let lead = house.officer("lead");
        let resolve = |score, why| {
            refused(house.registry().resolve_panel(session, case.id, (score, why), &lead, noon(EXAM)))
        };
        assert_eq!(resolve(95, "录像"), Some(Refusal::ScoreDiffers));
        assert_eq!(resolve(82, "  "), Some(Refusal::GroundMissing));
        assert_eq!(resolve(82, "录像"), None);
        assert_eq!(day.does("lead", Command::Confirm, case.id), Ok("passed"));
    }

    /// Seats are respected, also within one sheet, and nobody sits in two sessions.
    fn seats_are_respected(house: &House) {
        let (first, second) = (plans(house, EXAM), plans(house, date(2026, 11, 10)));
        let people: Vec<_> = (1..=3).map(|n| Person::new("王一", n)).collect();
        let asked = |n: usize| asks(&people[n]);
        let told = enrols(house, first, vec![asked(0), asked(0), asked(1), asked(2)], MONDAY);
        let twice = Some(Refusal::AlreadyEnrolled);
        assert_eq!(told, [None, twice, None, Some(Refusal::SessionFull)]);
        assert_eq!(enrols(house, second, vec![asked(0)], MONDAY), [twice]);
        let day = house.on(MONDAY);
        let (case, by) = (day.case(&people[0], "registered").id, house.officer("clerk"));
        let free = |why| refused(house.registry().give_up_seat(first, case, why, &by, noon(MONDAY)));
        assert_eq!(free(" "), Some(Refusal::GroundMissing));
        assert_eq!(free("改期"), None);
        assert_eq!(free("改期"), Some(Refusal::NotEnrolled));
        assert_eq!(enrols(house, second, vec![asked(0)], MONDAY), [None]);
        assert_eq!(enrols(house, first, vec![asked(2)], MONDAY), [None]);
    }

    /// A plan is registered before its day, changed and called off until it.
    fn a_session_until_its_day(house: &House) {
        let (registry, by) = (house.registry(), house.officer("clerk"));
        let late = registry.plan_session(&planned(EXAM), &by, noon(EXAM));
        assert_eq!(refused(late), Some(Refusal::DayHasCome));
        let mut nobody = planned(EXAM);
        nobody.assessors = vec!["one".into(), "lead".into()];
        let nobody = registry.plan_session(&nobody, &by, noon(MONDAY));
        assert_eq!(refused(nobody), Some(Refusal::NotOnPanel));
        let mut foreign = planned(EXAM);
        foreign.items = vec!["9.1".into()];
        let foreign = registry.plan_session(&foreign, &by, noon(MONDAY));
        assert_eq!(refused(foreign), Some(Refusal::NotAuthorised));
        let session = plans(house, EXAM);
        let again = registry.plan_session(&planned(EXAM), &by, noon(MONDAY));
        assert_eq!(refused(again), Some(Refusal::AlreadyExists));
        let wang = Person::new("王一", 1);
        enrols(house, session, vec![asks(&wang)], MONDAY);
        let change = |on: Date, day: Date| {
            refused(registry.change_session(session, &planned(on), "换楼", &by, noon(day)))
        };
        assert_eq!(change(date(2026, 11, 10), MONDAY), Some(Refusal::SeatsTaken));
        assert_eq!(change(EXAM, MONDAY), None);
        assert_eq!(change(EXAM, EXAM), Some(Refusal::DayHasCome));
        let off = registry.cancel_session(session, "停电", &by, noon(MONDAY));
        assert_eq!(refused(off), None);
        // Its hour and place are free again, and so is whoever sat there.
        let other = plans(house, EXAM);
        assert_eq!(enrols(house, other, vec![asks(&wang)], MONDAY), [None]);
        let desk = house.officer("desk");
        let lines = registry.sessions_of(&desk).expect("a list");
        let words: Vec<_> = lines.iter().map(|line| line.session.word()).collect();
        assert!(words.contains(&"called_off") && words.contains(&"planned"), "{words:?}");
        assert!(registry.session_file(&desk, other).is_ok());
        let keeper = house.officer("keeper");
        assert!(matches!(registry.session_file(&keeper, other), Err(Error::NotFound)));
    }

    /// What would be returned in week three is said in second one; nothing is written by looking.
    fn the_pre_check(house: &House) {
        let (wang, session) = (Person::new("王一", 1), plans(house, EXAM));
        let (registry, by) = (house.registry(), house.officer("clerk"));
        let look = |asked: &AskedSeat| {
            let looked = registry.look_at(session, asked, &by, noon(MONDAY)).expect("a look");
            let codes: Vec<_> = looked.findings.iter().map(|f| f.code).collect();
            (codes, looked.refusal)
        };
        let undeclared = AskedSeat { healthy: false, ..asks(&wang) };
        assert_eq!(look(&undeclared), (vec![Code::HealthUndeclared], None));
        let renews = AskedSeat { kind: Kind::Renewal, ..asks(&wang) };
        assert_eq!(look(&renews), (vec![Code::NothingToRenew], None));
        let mut passport = asks(&wang);
        passport.person.document = Document::parse(DocType::Passport, "E12345678").expect("a number");
        assert_eq!(look(&passport), (vec![Code::AgeUnknown], None));
        assert_eq!(house.on(MONDAY).asks(&wang, None).verdict, Verdict::NotFound);
        // A certificate that is valid, and a case that is open.
        let li = Person::new("李二", 2);
        let day = house.on(MONDAY);
        day.imports(&sheet(&[li.line(WELDING, "初领", MONDAY, "90", "90")]), false);
        let case = day.case(&li, "examined").id;
        day.reports(case);
        assert_eq!(look(&asks(&li)).0, [Code::OpenCase]);
        for (login, command) in [
            ("desk", Command::Accept),
            ("first", Command::Review),
            ("second", Command::Approve),
            ("maker", Command::Make { batch: "B".to_owned() }),
            ("maker", Command::Issue),
        ] {
            day.does(login, command, case).expect("done");
        }
        assert_eq!(look(&asks(&li)).0, [Code::CertificateValid]);
    }

    /// A failed candidate sits again in another session, under a ticket that is honoured.
    fn a_resit_in_another_session(house: &House) {
        let (wang, session) = (Person::new("王一", 1), plans(house, EXAM));
        enrols(house, session, vec![asks(&wang)], MONDAY);
        let day = house.on(EXAM);
        let case = day.case(&wang, "registered");
        let first = case.registration.ticket.clone();
        theory(house, session, &first, 60, EXAM).expect("theory");
        assert_eq!(assesses(house, "one", session, case.id, 90), Err(Refusal::TheoryNotPassed));
        let by = house.officer("clerk");
        let resit = date(2026, 11, 20);
        let next = house.registry().plan_session(&planned(resit), &by, noon(EXAM)).expect("a plan");
        assert_eq!(day.does("lead", Command::Confirm, case.id), Ok("not_passed"));
        let told = house.registry().seat_again(next, &[case.id], &by, noon(EXAM)).expect("told");
        assert!(told[0].1.is_good() && told[0].1.resit, "{told:?}");
        let seated = day.case(&wang, "not_passed");
        let ticket = seated.ticket_in(next).expect("a ticket").to_owned();
        assert_ne!(ticket, first);
        assert_eq!(theory(house, session, &ticket, 90, EXAM), Err(Refusal::AlreadyImported));
        assert_eq!(theory(house, next, &ticket, 90, resit), Ok(case.id));
        let later = house.on(resit);
        for own in [&first, &ticket] {
            let answer = later.asks(&wang, Some(own));
            assert!(answer.progress[0].details.is_some(), "{own}");
        }
        assert!(later.asks(&wang, Some("4711")).progress[0].details.is_none());
    }

    /// The sheet's own ticket of a resit is honoured, too; it used to be ignored.
    fn a_resit_from_a_sheet_has_its_own_ticket(house: &House) {
        let wang = Person::new("王一", 1);
        let with_ticket = |line: String, ticket: &str| {
            let header = "姓名,性别,证件号码,操作项目,申请类型,考试日期,理论成绩,实操成绩,准考证号";
            format!("{header}\n{line},{ticket}\n").into_bytes()
        };
        let day = house.on(MONDAY);
        day.imports(&with_ticket(wang.line(WELDING, "初领", MONDAY, "90", "60"), "ZK1"), false);
        let case = day.case(&wang, "examined").id;
        assert_eq!(day.does("lead", Command::Confirm, case), Ok("not_passed"));
        let later = house.on(EXAM);
        later.imports(&with_ticket(wang.line(WELDING, "初领", EXAM, "", "85"), "ZK2"), false);
        assert_eq!(later.does("lead", Command::Confirm, case), Ok("passed"));
        for ticket in ["ZK1", "zk-2"] {
            let answer = later.asks(&wang, Some(ticket));
            assert!(answer.progress[0].details.is_some(), "{ticket}");
        }
        // Nobody else can be given it.
        let li = Person::new("李二", 2);
        let taken = with_ticket(li.line(WELDING, "初领", EXAM, "90", "90"), "ZK2");
        let told = later.imports(&taken, true);
        assert_eq!(told.refused, 1, "{told:?}");
    }

    /// Results of a planned session that come as a sheet belong to it, and those of no session are
    /// marked for the authority.
    fn a_sheet_finds_its_session(house: &House) {
        let (wang, li) = (Person::new("王一", 1), Person::new("李二", 2));
        let session = plans(house, EXAM);
        enrols(house, session, vec![asks(&wang)], MONDAY);
        let day = house.on(EXAM);
        let lines = [&wang, &li].map(|p| p.line(WELDING, "初领", EXAM, "90", "90"));
        day.imports(&sheet(&lines), false);
        for person in [&wang, &li] {
            assert_eq!(day.case(person, "examined").session(), Some(session));
        }
        let other = date(2026, 11, 12);
        let line = Person::new("张三", 3).line(WELDING, "初领", other, "90", "90");
        house.on(other).imports(&sheet(&[line]), false);
        let lines = house.registry().sessions_of(&house.officer("desk")).expect("a list");
        let told: Vec<_> = lines.iter().map(|l| (l.session.on, l.session.word())).collect();
        assert_eq!(told, [(other, "unplanned"), (EXAM, "planned")]);
    }

    /// A result of more than twelve months is not reported; it is sat anew.
    fn a_result_that_ran_out(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[wang.line(WELDING, "初领", MONDAY, "90", "90")]), false);
        let case = day.case(&wang, "examined").id;
        assert_eq!(day.does("lead", Command::Confirm, case), Ok("passed"));
        let report = || Command::Report { materials: Vec::new() };
        let after = house.on(date(2027, 11, 3));
        assert_eq!(after.does("clerk", report(), case), Err(Refusal::ResultRunOut));
        let (by, resit) = (house.officer("clerk"), date(2027, 11, 10));
        let session = house.registry().plan_session(&planned(resit), &by, after.now).expect("a plan");
        let told = house.registry().seat_again(session, &[case], &by, after.now).expect("told");
        assert!(told[0].1.is_good(), "{told:?}");
        let seated = after.case(&wang, "passed");
        assert!(matches!(seated.state, State::Confirmed { .. }) && seated.session() == Some(session));
    }
}

/// What the form of a plan sends.
fn form(on: &str) -> [(&'static str, String); 8] {
    [
        ("on", on.to_owned()),
        ("begins", "09:00".to_owned()),
        ("place", "一号楼".to_owned()),
        ("item", "2.1".to_owned()),
        ("invigilators", "试监".to_owned()),
        ("assessor", "one".to_owned()),
        ("assessor", "two".to_owned()),
        ("seats", "2".to_owned()),
    ]
}

/// The pages, as an officer uses them: plan, enrol, see the findings, assess, confirm.
#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn the_pages_of_a_session() {
    let house = House::sqlite().expect("a house");
    let today = kecha::clock::today();
    let tomorrow = today.tomorrow().expect("a day").to_string();
    let mut clerk = house.browser("clerk");
    let page = clerk.get("/console/sessions");
    assert!(page.text.contains("name=\"invigilators\""), "{}", page.text);
    let sends = |browser: &mut crate::people::Browser, path: &str, fields: &[(&str, String)]| {
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        browser.post(path, &fields)
    };
    let late = sends(&mut clerk, "/console/sessions", &form(&today.to_string()));
    assert_eq!(late.status, 422);
    assert!(
        late.text.contains("value=\"一号楼\""),
        "what was typed stays"
    );
    let begun = sends(&mut clerk, "/console/sessions", &form(&tomorrow));
    assert_eq!(begun.status, 303, "{}", begun.text);
    let here = begun.location().to_owned();
    let wang = Person::new("王一", 1);
    let mut fields = vec![
        ("doc_type", "resident_id".to_owned()),
        ("doc_number", wang.number.clone()),
        ("name", wang.name.clone()),
        ("item", "2.1".to_owned()),
        ("kind", "renewal".to_owned()),
        ("schooling", "junior_middle".to_owned()),
    ];
    let enrol = format!("{here}/enrol");
    let page = sends(&mut clerk, &enrol, &fields);
    assert!(
        page.status == 422 && page.text.contains("没有健康声明"),
        "{}",
        page.text
    );
    fields.push(("healthy", "1".to_owned()));
    // A remark is shown before anything is written, and can be passed over when it was seen.
    let page = sends(&mut clerk, &enrol, &fields);
    assert!(
        page.status == 200 && page.text.contains("name=\"seen\""),
        "{}",
        page.text
    );
    fields.push(("seen", "1".to_owned()));
    assert_eq!(sends(&mut clerk, &enrol, &fields).status, 303);
    let page = clerk.get(&here);
    assert!(
        page.text.contains(&wang.name) && page.text.contains("剩余 1 个座位"),
        "{}",
        page.text
    );
    let case = house.on(today).case(&wang, "registered").id;
    let readers = || {
        let lines = house.registry().readings_of(case, 100).expect("readings");
        let told = lines.into_iter().map(|line| (line.login, line.purpose));
        told.collect::<Vec<_>>()
    };
    assert_eq!(readers(), [("clerk".to_owned(), "session".to_owned())]);
    let mut desk = house.browser("desk");
    let page = desk.get(&here);
    assert!(
        page.status == 200 && !page.text.contains(&wang.name),
        "the authority sees the plan"
    );
    assert_eq!(readers().len(), 1, "and nobody's file");
    let mut one = house.browser("one");
    assert_eq!(one.get(&here).status, 200);
    assert_eq!(one.get("/console/cases").status, 403);
    house.close();
}

#[test]
fn an_institution_sees_its_own_speed() {
    let house = House::sqlite().expect("a house");
    let page = house.browser("lead").get("/console/speed");
    assert!(
        page.status == 200 && page.text.contains("10 个工作日"),
        "{}",
        page.text
    );
    house.close();
}
