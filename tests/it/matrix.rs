//! Roles, addresses and what belongs to others. Every address of the table has a line here that says
//! what it names; an address without a line fails the test. Then every officer asks every address
//! for what is another office's, and must get to the byte what he gets for what is not there.

mod lines;
mod world;

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{case::Tie, event::Act, law::Ground, office::Role, refusal::Refusal};
use jiff::civil::date;
use kecha::{
    registry::{Command, Error},
    web::routes::table,
};

use self::{
    lines::{BODY, FILE, LATER, Line, lines, of_offices},
    world::{LOCAL, Object, What, enter, furnish},
};
use crate::{
    house::{House, KEY},
    office::{Person, WELDING, changes, sheet},
    people::{Answer, Browser},
};

/// Everybody who asks: login, and the office; one of each role at the least.
const CALLERS: [(&str, &str); 10] = [
    ("clerk", "9911"),
    ("lead", "9911"),
    ("one", "9911"),
    ("desk", "9901"),
    ("first", "9901"),
    ("second", "9901"),
    ("maker", "9901"),
    ("keeper", "99"),
    ("warden", "99"),
    ("auditor", "99"),
];

fn callers() -> impl Iterator<Item = (&'static str, &'static str)> {
    let local = LOCAL.map(|(login, _)| (login, "9901"));
    CALLERS.into_iter().chain(local)
}

/// The records of another node: another province's are never here.
fn elsewhere() -> Vec<Object> {
    let house = House::sqlite().expect("a house");
    let mut objects = furnish(&house);
    house.close();
    for object in &mut objects {
        object.offices.clear();
        object.place = "another province";
        // Its runs and people are called alike; what is told of them is not its own.
        if object.what == What::Run {
            object.id = format!("G{}", object.id);
        }
    }
    objects.retain(|object| object.what != What::Number);
    objects
}

/// What is like a record of that kind and is none.
fn missing(what: What) -> &'static str {
    match what {
        What::Run => "F0000",
        What::Number => "99099919900105001X",
        _ => "ZZZZZZZZZZZZ",
    }
}

fn send(browser: &mut Browser, line: &Line, object: &Object, id: &str) -> Answer {
    let (method, path, _, fields) = *line;
    let path = path
        .replace("{id}", id)
        .replace("{run}", id)
        .replace("{nr}", "1");
    let [seated, sheet] = &object.beside;
    let filled = |text: &str| {
        text.replace('@', id)
            .replace('#', seated)
            .replace('+', sheet)
    };
    let fields = fields
        .iter()
        .map(|(name, value)| (filled(name), filled(value)));
    let fields: Vec<_> = fields.collect();
    let body = fields
        .iter()
        .find(|(name, _)| name == BODY)
        .map(|(_, body)| body.as_str());
    if path.starts_with("/api/") {
        static NAMES: AtomicU32 = AtomicU32::new(0);
        let name = format!("call {}", NAMES.fetch_add(1, Ordering::Relaxed));
        let key = browser.key().to_owned();
        return browser.calls(method, &path, &key, body.map(|_| name.as_str()), body);
    }
    if method == "GET" {
        return browser.get(&path);
    }
    if fields.iter().any(|(name, _)| name == FILE) {
        let parts: Vec<_> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_bytes()))
            .collect();
        return browser.send_parts(&path, &parts);
    }
    let fields: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    browser.post(&path, &fields)
}

/// Somebody at work: signed in, and where programs may act for the role, with such a key.
fn comes(house: &House, login: &str, office: &str) -> Browser {
    let mut browser = enter(house, login).wanders();
    let role = match login {
        "clerk" => Role::InstitutionClerk,
        "desk" => Role::AcceptanceOfficer,
        _ => return browser,
    };
    browser.shows(&house.office_key(office, &[role]));
    browser
}

/// All that somebody sees of an answer, without the record's own number, which he has typed.
fn seen(answer: &Answer, id: &str) -> (u16, String, String, String) {
    let heads = ["location", "content-type", "content-disposition"];
    let heads = heads.map(|name| answer.header(name)).join("\n");
    let cookie = answer.header("set-cookie").to_owned();
    let (heads, text) = (heads.replace(id, "…"), answer.text.replace(id, "…"));
    (answer.status, heads, cookie, text)
}

/// Both answers, and whether they are alike.
fn alike(browser: &mut Browser, line: &Line, object: &Object) -> Result<(), String> {
    let none = missing(object.what);
    let without = seen(&send(browser, line, object, none), none);
    let with = seen(&send(browser, line, object, &object.id), &object.id);
    assert_ne!(with.0, 500, "{line:?}");
    if with == without {
        return Ok(());
    }
    let differs = (with.3.chars().zip(without.3.chars())).position(|(one, other)| one != other);
    let from = differs.unwrap_or(0).saturating_sub(40);
    let told = |text: &str| text.chars().skip(from).take(200).collect::<String>();
    let [with, without] =
        [&with, &without].map(|seen| format!("{} {} {}", seen.0, seen.1, told(&seen.3)));
    Err(format!("{with}\n--- and not\n{without}"))
}

#[test]
fn every_address_has_its_line() {
    let table = table();
    let mut wanted: Vec<_> = table.rows().iter().map(|r| (r.method, r.path)).collect();
    let mut there: Vec<_> = lines().map(|(method, path, ..)| (*method, *path)).collect();
    wanted.sort_unstable();
    there.sort_unstable();
    let new: Vec<_> = wanted.iter().filter(|row| !there.contains(row)).collect();
    assert!(new.is_empty(), "without a line in the matrix: {new:?}");
    assert_eq!(there, wanted, "lines of addresses that are gone, or twice");
    for (method, path, what, fields) in lines() {
        let names = path.contains('{') || fields.iter().any(|(_, value)| value.contains('@'));
        assert!(
            *what != What::Nothing || !names,
            "{method} {path} names something"
        );
    }
}

/// What belongs to another office is not there, for whoever asks, and nothing changes.
#[test]
fn what_is_another_offices_is_not_there() {
    let house = House::sqlite().expect("a house");
    let mut objects = furnish(&house);
    objects.extend(elsewhere());
    let people = callers().map(|(login, office)| (login, office, comes(&house, login, office)));
    let people: Vec<_> = people.collect();
    let entries = || {
        house
            .registry()
            .check(&mut |_, _| {})
            .expect("a check")
            .entries
    };
    let before = entries();
    let (mut asked, mut wrong) = (0, Vec::new());
    for (login, office, mut browser) in people {
        for line in of_offices() {
            let own = |o: &&Object| o.what == line.2 && o.is_foreign(office);
            for object in objects.iter().filter(own) {
                asked += 1;
                if let Err(differs) = alike(&mut browser, line, object) {
                    let (method, path, ..) = line;
                    wrong.push(format!(
                        "{login}: {method} {path} of {}: {differs}",
                        object.place
                    ));
                }
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
    let all = wrong.len();
    wrong.truncate(5);
    assert!(
        wrong.is_empty(),
        "{all} of {asked}:\n{}",
        wrong.join("\n\n")
    );
    assert_eq!(entries(), before, "nothing was recorded");
    house.close();
}

/// Nobody signed in, somebody whose account was closed, and a program with its key: none of them
/// has a record at all, not even one that is there.
#[test]
fn whoever_is_not_signed_in_sees_no_record() {
    let house = House::sqlite().expect("a house");
    let objects = furnish(&house);
    let mut closed = enter(&house, "local").wanders();
    let local = house.registry().officer("local").expect("an account");
    let warden = house.officer("warden");
    let close = kecha::registry::Duty::Close;
    let done = house
        .registry()
        .change_account(&local.login, close, &warden, kecha::clock::now());
    done.expect("closed");
    let mut nobody = house.visitor().wanders();
    nobody.get("/login");
    let mut program = house.visitor().wanders();
    program.get("/login");
    program.shows(KEY);
    for line in of_offices() {
        for object in objects.iter().filter(|o| o.what == line.2) {
            for browser in [&mut nobody, &mut closed, &mut program] {
                let answer = send(browser, line, object, &object.id);
                let told = (answer.status, answer.location());
                let forged = answer.status == 403 && answer.text.contains("不是从本站页面提交的");
                let no_key = line.1.starts_with("/api/") && answer.status == 401;
                let stays_out = told == (303, "/login") || forged || no_key;
                assert!(stays_out, "{line:?}: {told:?}");
                assert!(!answer.text.contains(&object.id), "{line:?}");
            }
        }
    }
    house.close();
}

/// The other side: what is one's own is there for somebody, or the matrix would show nothing.
#[test]
fn what_is_ones_own_is_there() {
    let house = House::sqlite().expect("a house");
    let objects = furnish(&house);
    let mut reached = Vec::new();
    for line in of_offices() {
        let there = callers().any(|(login, office)| {
            let mut browser = comes(&house, login, office);
            let own = |o: &&Object| o.what == line.2 && !o.is_foreign(office);
            let mut own = objects.iter().filter(own);
            own.any(|object| alike(&mut browser, line, object).is_err())
        });
        if !there && !LATER.contains(&(line.0, line.1)) {
            reached.push((line.0, line.1));
        }
    }
    assert!(reached.is_empty(), "nobody reaches {reached:?}");
    house.close();
}

/// Two decisions are two people's, whoever holds both roles: of a case and of a certificate.
#[test]
fn one_officer_never_takes_both_decisions() {
    let house = House::sqlite().expect("a house");
    let (person, day) = (Person::new("王一", 1), house.on(date(2026, 11, 2)));
    let line = person.line(WELDING, "初领", date(2026, 11, 2), "90", "90");
    day.imports(&sheet(&[line]), false);
    let case = day.case(&person, "examined").id;
    day.reports(case);
    assert_eq!(day.does("desk", Command::Accept, case), Ok("accepted"));
    assert_eq!(day.does("both", Command::Review, case), Ok("reviewed"));
    let second = Err(Refusal::SecondPersonRequired);
    assert_eq!(day.does("both", Command::Approve, case), second);
    let ground = Ground::of("conditions_not_met", "");
    let reject = Command::Reject { ground };
    assert_eq!(day.does("both", reject, case), second);
    assert_eq!(day.does("second", Command::Approve, case), Ok("approved"));
    let batch = String::new();
    assert_eq!(day.does("maker", Command::Make { batch }, case), Ok("made"));
    assert_eq!(day.does("maker", Command::Issue, case), Ok("issued"));
    let certificate = day.case(&person, "issued").state.certificate();
    let act = Act::Cancelled(Ground::of("request", ""));
    let both = house.officer("both");
    let done = changes(
        house.registry(),
        certificate.expect("issued"),
        act,
        (&both, &both),
        day.now,
    );
    let refused = matches!(done, Err(Error::Refused(Refusal::SecondPersonRequired)));
    assert!(refused, "{done:?}");
    house.close();
}

/// R30 knows two regions: where the holder is registered and where he works. An authority of
/// neither is not offered the case, and cannot take it by itself.
#[test]
fn an_authority_outside_its_region_gets_no_case_under_r30() {
    let house = House::sqlite().expect("a house");
    furnish(&house);
    for (on, without_tie) in [
        (date(2026, 5, 12), Err(Refusal::OtherRegion)),
        (date(2026, 6, 2), Ok("reported")),
    ] {
        let (person, day) = (
            Person::new("赵三", on.day().unsigned_abs().into()),
            house.on(on),
        );
        let line = person.line(WELDING, "初领", on, "90", "90");
        day.imports(&sheet(&[line]), false);
        let case = day.case(&person, "examined").id;
        day.reports(case);
        let other = house.officer("desk9902");
        let takes = house
            .registry()
            .command(&[case], &Command::Accept, &other, day.now);
        assert!(matches!(takes, Err(Error::NotFound)), "{takes:?}");
        let offer = |tie| Command::OfferTransfer {
            to: "9902".into(),
            tie,
            reason: "本人申请".to_owned(),
        };
        assert_eq!(day.does("desk", offer(None), case), without_tie, "{on}");
        if without_tie.is_err() {
            let tied = offer(Some(Tie::WorkPlace));
            assert_eq!(day.does("desk", tied, case), Ok("reported"));
        }
        let taken = house
            .registry()
            .command(&[case], &Command::TakeTransfer, &other, day.now);
        assert_eq!(taken.expect("offered")[0].state, Ok("reported"), "{on}");
    }
    house.close();
}
