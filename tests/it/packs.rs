//! Rule packs, catalogues and announcements: proposed by one, approved by another, in force from a day.

use std::process::Command as Process;

use domain::{
    catalogue::Catalogue,
    inquiry::{Line, Words},
    law::{LAWS, LawName},
    pack::RulePack,
    publication::{Announcement, Content, Proposal, Said},
    refusal::Refusal,
};
use jiff::civil::{Date, date};
use kecha::{
    clock, packs,
    registry::{Account, Command, Error, Filter, Officer, factors},
};

use crate::{
    house::{House, PASSWORD, SECRET, noon, on_both},
    office::{Person, WELDING, sheet},
};

const FIRST: Date = date(2026, 10, 12);

/// A second one who keeps the node.
fn second_keeper(house: &House) -> Officer {
    let officer = Officer {
        login: "deputy".to_owned(),
        ..house.officer("keeper")
    };
    let account = Account {
        officer: officer.clone(),
        password: PASSWORD,
    };
    let (warden, now) = (house.officer("warden"), noon(date(2020, 1, 3)));
    let registry = house.registry();
    registry
        .open_account(&account, Some(&warden), now)
        .expect("an account");
    let code = factors::code_at(&SECRET, now);
    registry
        .enrol_factor(&officer, &SECRET, &code, (now, now))
        .expect("a second factor");
    officer
}

/// R19 with a shorter decision, from that day.
fn second(from: Date) -> RulePack {
    let mut pack = RulePack::of(domain::law::named(LawName::R19));
    (pack.version, pack.from) = (2, from);
    let decide = pack.limits.get_mut("decide").expect("a limit");
    (decide.value, decide.text) = (15, "an invented article".to_owned());
    pack
}

fn proposal(content: Content) -> Proposal {
    let sha256 = "ab".repeat(32);
    Proposal { content, sha256 }
}

fn said(title: &str) -> Said {
    Said {
        title: Line::parse(title).expect("a title"),
        words: Words::parse("第一行\n<b>第二行</b>").expect("words"),
    }
}

/// The files beside the program say what the program goes by.
#[test]
fn the_shipped_files_are_what_the_domain_goes_by() {
    let [r30, r19, catalogue] = packs::SHIPPED;
    for (law, (name, text)) in LAWS.iter().zip([r30, r19]) {
        let Ok(Content::RulePack(read)) = packs::read(text) else {
            panic!("{name} is no rule pack: {:?}", packs::read(text).err());
        };
        let wanted = RulePack::of(law);
        let file = packs::write(&Content::RulePack(wanted.clone()));
        assert_eq!(read, wanted, "packs/{name} should say:\n{file}");
    }
    let (name, text) = catalogue;
    let list = Catalogue::shipped().list(None);
    let wanted = Content::Catalogue(list);
    let file = packs::write(&wanted);
    assert_eq!(
        packs::read(text),
        Ok(wanted),
        "packs/{name} should say:\n{file}"
    );
}

/// What is written is read as the same, whatever it is; a line more is an error with its place.
#[test]
fn a_file_is_read_as_it_was_written() {
    let announcement = Announcement {
        zh: said("试例"),
        en: said("an invented title"),
        from: FIRST,
        until: FIRST,
    };
    for content in [
        Content::RulePack(second(FIRST)),
        Content::Catalogue(Catalogue::shipped().list(Some(FIRST))),
        Content::Announcement(announcement),
    ] {
        let file = packs::write(&content);
        assert_eq!(packs::read(&file), Ok(content.clone()));
        assert_eq!(packs::read(&file.replace('\n', "\r\n")), Ok(content));
        let wrong = packs::read(&format!("unknown = 1\n{file}"));
        assert!(wrong.is_err_and(|e| e.contains("unknown")), "{file}");
    }
}

on_both! {
    /// From its first day on the new number counts, for what begins then; what ran before keeps its
    /// own. Whoever proposed it cannot approve it, and on its first day nobody can.
    fn a_version_is_approved_by_another_and_counts_from_its_day(house: &House) {
        let (keeper, deputy) = (house.officer("keeper"), second_keeper(house));
        let r = house.registry();
        let noon = |day| house.on(day).now;
        let begun = date(2026, 10, 9);
        let propose = |pack: RulePack, day| {
            r.propose_publication(proposal(Content::RulePack(pack)), &keeper, noon(day))
        };
        let accepted = |serial, on: Date| {
            let (person, day) = (Person::new("王一", serial), house.on(on));
            day.imports(&sheet(&[person.line(WELDING, "初领", on, "86", "91")]), false);
            let case = day.case(&person, "examined").id;
            day.reports(case);
            assert_eq!(day.does("desk", Command::Accept, case), Ok("accepted"));
            case
        };
        let due = |case| {
            let filter = Filter { states: vec!["accepted".to_owned()], limit: 9, ..Filter::default() };
            let lines = r.cases(&house.officer("first"), &filter, FIRST).expect("a queue");
            let line = lines.into_iter().find(|line| line.case.id == case).expect("the case");
            line.deadline.expect("a limit")
        };
        let before = accepted(1, begun);
        let id = propose(second(FIRST), begun).expect("proposed");
        let approve = |by, day| r.approve_publication(id, by, noon(day));
        let alone = approve(&keeper, begun);
        assert!(matches!(alone, Err(Error::Refused(Refusal::SecondPersonRequired))), "{alone:?}");
        let clerk = house.officer("clerk");
        let found = approve(&clerk, begun);
        assert!(matches!(found, Err(Error::Refused(Refusal::RoleNotAllowed))), "{found:?}");
        assert_eq!(r.calendar().law(FIRST).version, 1, "nothing counts that was only proposed");
        approve(&deputy, begun).expect("approved");
        assert_eq!(r.calendar().law(FIRST).version, 2);
        assert_eq!(r.calendar().law(begun).version, 1);
        let after = accepted(2, FIRST);
        let told = |case| { let d = due(case); (d.version, d.limit, d.due) };
        assert_eq!(told(before), (1, Some(20), Some(date(2026, 11, 5))));
        assert_eq!(told(after), (2, Some(15), Some(date(2026, 11, 2))));
        // The same number once more, and one that is for a day of another version.
        for pack in [second(date(2026, 11, 2)), RulePack { version: 3, ..second(FIRST) }] {
            let found = propose(pack, begun);
            assert!(matches!(found, Err(Error::Refused(Refusal::PackFaulty))), "{found:?}");
        }
        // Of two that follow on the same version only one is approved.
        let third = |day| RulePack { version: 3, ..second(day) };
        let one = propose(third(date(2026, 11, 2)), FIRST).expect("proposed");
        let other = propose(third(date(2026, 11, 9)), FIRST).expect("proposed");
        r.approve_publication(one, &deputy, noon(FIRST)).expect("approved");
        let found = r.approve_publication(other, &deputy, noon(FIRST));
        assert!(matches!(found, Err(Error::Refused(Refusal::PackFaulty))), "{found:?}");
        r.withdraw_publication(other, "another one stands", &keeper, noon(FIRST)).expect("taken back");
        // Whoever opens the register anew finds what was approved.
        let states: Vec<_> = r.publications().expect("a list").into_iter()
            .map(|one| one.publication.word()).collect();
        assert_eq!(states, ["withdrawn", "approved", "approved"]);
    }

    /// An item that the next catalogue ends can be sat for until then, and is still known after.
    fn a_catalogue_follows_on_another(house: &House) {
        let (keeper, deputy) = (house.officer("keeper"), second_keeper(house));
        let r = house.registry();
        let (day, from) = (date(2026, 10, 9), FIRST);
        let mut list = Catalogue::shipped().list(Some(from));
        list.version = "CAT2026".to_owned();
        list.groups[1].items[0].until = Some(from);
        let now = house.on(day).now;
        let content = Content::Catalogue(list.clone());
        let id = r.propose_publication(proposal(content), &keeper, now).expect("proposed");
        r.approve_publication(id, &deputy, now).expect("approved");
        assert_eq!(r.catalogue().version, "CAT2026", "its day has come");
        let person = Person::new("王一", 1);
        let late = from.tomorrow().expect("a day");
        for (on, refused) in [(from, 0), (late, 1)] {
            let line = person.line(WELDING, "初领", on, "86", "91");
            let intake = house.on(late).imports(&sheet(&[line]), true);
            assert_eq!(intake.refused, refused, "{on}");
        }
        // Without an item it cannot follow.
        list.groups[0].items.clear();
        (list.version, list.from) = ("CAT2027".to_owned(), Some(date(2027, 1, 1)));
        let faults = r.publication_faults(&Content::Catalogue(list), late).expect("an answer");
        assert!(faults.iter().any(|f| f.code == "item_gone" && f.place == "1.1"), "{faults:?}");
    }

    /// In a browser: a file with a fault is told line by line, a good one waits for the other, who
    /// sees what it changes.
    fn two_browsers_and_a_file(house: &House) {
        second_keeper(house);
        let from = clock::today().tomorrow().expect("a day");
        let mut pack = second(from);
        let mut keeper = house.browser("keeper");
        pack.limits.get_mut("term").expect("a limit").value = 9;
        let file = |pack: &RulePack| packs::write(&Content::RulePack(pack.clone()));
        keeper.get("/console/packs");
        let wrong = keeper.upload_as("file", "/console/packs", file(&pack).as_bytes());
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("<code>limits.term.value</code>"), "{}", wrong.text);
        let broken = keeper.upload_as("file", "/console/packs", b"kind = 5");
        assert_eq!(broken.status, 422);
        pack.limits.get_mut("term").expect("a limit").value = 6;
        let sent = keeper.upload_as("file", "/console/packs", file(&pack).as_bytes());
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = sent.location().to_owned();
        let seen = keeper.get(&page);
        assert!(!seen.text.contains("value=\"approve\""), "not by whoever proposed it");
        let id = page.trim_start_matches("/console/packs/");
        let fields = [("publication", id), ("command", "approve")];
        assert_eq!(keeper.post("/console/publications", &fields).status, 422);
        let mut deputy = house.browser("deputy");
        let seen = deputy.get(&page);
        assert!(seen.text.contains("<del>20 个工作日</del> <strong>15 个工作日</strong>"));
        assert_eq!(deputy.post("/console/publications", &fields).status, 303);
        let list = deputy.get("/console/packs").text;
        assert!(list.contains("R19-2") && list.contains(&from.to_string()), "{list}");
        let mut auditor = house.browser("auditor");
        assert_eq!(auditor.get(&page).status, 200);
        assert_eq!(auditor.post("/console/publications", &fields).status, 403);
    }

    /// An announcement is shown to everybody in their own language once it is approved, as plain
    /// text, and no more when it is withdrawn.
    fn an_announcement_is_shown_once_it_is_approved(house: &House) {
        second_keeper(house);
        let (mut keeper, mut deputy) = (house.browser("keeper"), house.browser("deputy"));
        let today = clock::today().to_string();
        let fields = [
            ("zh_title", "系统维护"),
            ("zh_words", "今晚<script>停机"),
            ("en_title", "Maintenance"),
            ("en_words", "tonight"),
            ("from", &today),
            ("until", &today),
        ];
        keeper.get("/console/announcements");
        let mut wrong = fields;
        wrong[2].1 = " ";
        wrong[5].1 = "2020-01-01";
        let answer = keeper.post("/console/announcements", &wrong);
        assert_eq!(answer.status, 422);
        for place in ["en_title-wrong", "until-wrong"] {
            assert!(answer.text.contains(&format!("id=\"{place}\"")), "{}", answer.text);
        }
        let sent = keeper.post("/console/announcements", &fields);
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = sent.location().to_owned();
        let id = page.trim_start_matches("/console/packs/").to_owned();
        let shown = |house: &House, path: &str| house.visitor().get(path).text.contains("系统维护");
        assert!(!shown(house, "/"), "nobody has approved it");
        deputy.get(&page);
        let decide = |command| [("publication", &*id), ("command", command), ("ground", "over")];
        assert_eq!(deputy.post("/console/publications", &decide("approve")).status, 303);
        assert!(shown(house, "/") && shown(house, "/query") && !shown(house, "/login"));
        let text = house.visitor().get("/").text;
        assert!(text.contains("今晚&#60;script&#62;停机"), "{text}");
        assert!(deputy.get("/console").text.contains("系统维护"));
        deputy.get("/lang/en");
        assert!(deputy.get("/").text.contains("Maintenance"));
        deputy.get(&page);
        assert_eq!(deputy.post("/console/publications", &decide("withdraw")).status, 303);
        assert!(!shown(house, "/"));
    }
}

/// The program shows the files it has, and says everything that is wrong with one.
#[test]
fn the_program_prints_its_own_packs() {
    let run = |arguments: &[&str]| {
        let output = Process::new(env!("CARGO_BIN_EXE_kecha"))
            .args(arguments)
            .output();
        let output = output.expect("the program runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    for (name, text) in packs::SHIPPED {
        assert_eq!(run(&["pack", "show", name]), text);
    }
}
