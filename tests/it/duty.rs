//! Those on duty: how they come in, what they may do to accounts, and who read what.

use domain::{
    event::Act,
    office::{OfficeCode, Role},
    refusal::Refusal,
};
use jiff::{SignedDuration, Timestamp, civil::date};
use kecha::{
    clock,
    registry::{
        Account, Door, Duty, Error, Officer, Purpose, Registry,
        factors::{self, Secret},
    },
};

use crate::{
    house::{AUTHORITY, House, INSTITUTION, PASSWORD, SECRET, noon, on_both},
    office::{Person, WELDING, sheet},
    people::{Answer, Browser},
};

/// A telephone that was just given its secret.
const OTHER: Secret = *b"another secret, new.";

fn officer(login: &str, office: &str, roles: &[Role]) -> Officer {
    Officer {
        login: login.to_owned(),
        name: format!("officer {login}"),
        office: OfficeCode::from(office),
        roles: roles.to_vec(),
    }
}

fn opens(house: &House, who: &Officer, by: &str) -> Result<(), Error> {
    let account = Account {
        officer: who.clone(),
        password: PASSWORD,
    };
    let by = house.officer(by);
    let opened = house
        .registry()
        .open_account(&account, Some(&by), clock::now());
    opened.map(drop)
}

fn refused<T>(done: Result<T, Error>) -> Option<Refusal> {
    match done {
        Err(Error::Refused(refusal)) => Some(refusal),
        _ => None,
    }
}

fn tries(browser: &mut Browser, login: &str, password: &str) -> Answer {
    browser.get("/login");
    browser.post("/login", &[("user", login), ("password", password)])
}

/// What happened at the door of an account, the last first.
fn doors(registry: &Registry, login: &str) -> Vec<String> {
    let lines = registry.doors(Timestamp::MAX, 100).expect("read");
    let own = lines.into_iter().filter(|line| line.login == login);
    own.map(|line| line.what).collect()
}

fn session(browser: &Answer) -> String {
    let cookie = browser.header("set-cookie");
    let value = cookie.strip_prefix("kecha=").expect("a session");
    value.split(';').next().unwrap_or_default().to_owned()
}

on_both! {
    /// Who may open what for whom, and that every refusal leaves nothing behind.
    fn accounts_are_opened_by_another(house: &House) {
        let clerk = |login: &str| officer(login, INSTITUTION, &[Role::InstitutionClerk]);
        for login in ["keeper", "auditor", "second", "clerk"] {
            let tried = refused(opens(house, &clerk("new"), login));
            assert_eq!(tried, Some(Refusal::RoleNotAllowed), "{login}");
        }
        let local = officer("local", AUTHORITY, &[Role::SecurityAdmin]);
        opens(house, &local, "warden").expect("the node is above");
        let below = officer("below", INSTITUTION, &[Role::SecurityAdmin]);
        opens(house, &below, "local").expect("it reports to the authority");
        let above = officer("above", AUTHORITY, &[Role::Reviewer]);
        assert_eq!(refused(opens(house, &above, "below")), Some(Refusal::NotThisOffice));
        opens(house, &clerk("own"), "below").expect("its own office");
        let strange = officer("strange", INSTITUTION, &[Role::Approver]);
        assert_eq!(refused(opens(house, &strange, "warden")), Some(Refusal::RoleOfAnotherOffice));
        let pair = officer("pair", "99", &[Role::SystemAdmin, Role::AuditAdmin]);
        assert_eq!(refused(opens(house, &pair, "warden")), Some(Refusal::AdministratorsApart));
        assert_eq!(refused(opens(house, &clerk("own"), "warden")), Some(Refusal::AlreadyExists));
        let machine = officer("spare", "99", &[Role::SecurityAdmin]);
        let opened = house.registry().register_account(&machine, None, clock::now());
        assert_eq!(refused(opened), Some(Refusal::RoleNotAllowed), "there is one already");
        for (login, password) in [("short", "123456789"), ("shortlogin", "shortlogin")] {
            let account = Account { officer: clerk(login), password };
            let by = house.officer("warden");
            let opened = house.registry().open_account(&account, Some(&by), clock::now());
            assert_eq!(refused(opened), Some(Refusal::PasswordUnfit), "{login}");
        }
        let logins: Vec<String> =
            house.registry().accounts().expect("read").into_iter().map(|o| o.login).collect();
        for login in ["new", "above", "strange", "pair", "spare", "short", "shortlogin"] {
            assert!(!logins.iter().any(|l| l == login), "{login}");
        }
    }

    /// Grants and withdrawals are events, name who did them, and count from their moment on.
    fn nobody_acts_in_a_role_he_does_not_hold(house: &House) {
        let registry = house.registry();
        let (warden, maker) = (house.officer("warden"), house.officer("maker"));
        let change = |login: &str, what, by: &Officer| {
            registry.change_account(login, what, by, clock::now())
        };
        let own = change("warden", Duty::Grant(Role::Approver), &warden);
        assert_eq!(refused(own), Some(Refusal::OwnAccount));
        let own = change("warden", Duty::Close, &warden);
        assert_eq!(refused(own), Some(Refusal::OwnAccount));
        let apart = change("maker", Duty::Grant(Role::AuditAdmin), &warden);
        assert_eq!(refused(apart), Some(Refusal::AdministratorsApart));
        let propose = |by: &Officer, at| registry.propose_batch(&"0".repeat(64), 1, by, at);
        propose(&maker, clock::now()).expect("an issuer");
        // Whoever still believes to hold the role, as a page does that was opened before.
        change("maker", Duty::Withdraw(Role::Issuer), &warden).expect("withdrawn");
        assert_eq!(refused(propose(&maker, clock::now())), Some(Refusal::RoleNotHeld));
        let liar = officer("first", AUTHORITY, &[Role::Issuer]);
        assert_eq!(refused(propose(&liar, clock::now())), Some(Refusal::RoleNotHeld));
        let nobody = officer("nobody", AUTHORITY, &[Role::Issuer]);
        assert_eq!(refused(propose(&nobody, clock::now())), Some(Refusal::RoleNotHeld));
        change("maker", Duty::Grant(Role::Issuer), &warden).expect("granted again");
        propose(&maker, clock::now()).expect("an issuer again");
        let early = noon(date(2019, 12, 31));
        assert_eq!(refused(propose(&maker, early)), Some(Refusal::RoleNotHeld), "not yet open");

        let all = registry.all_accounts().expect("read");
        let account = all.iter().find(|a| a.login.as_str() == "maker").expect("there");
        let file = registry.account_file(account.id).expect("a story");
        let story = file.story.iter();
        let story = story.map(|(_, e)| (e.act.kind(), e.by.officer.as_str()));
        let story: Vec<_> = story.collect();
        let wanted = [
            ("account_opened", "warden"),
            ("factor_enrolled", "maker"),
            ("role_withdrawn", "warden"),
            ("role_granted", "warden"),
        ];
        assert_eq!(story, wanted);
        assert_eq!(file.account.roles(), [Role::Issuer]);
        assert_eq!(file.account.spans.len(), 2);
        let granted = matches!(file.story[3].1.act, Act::RoleGranted { role: Role::Issuer });
        assert!(granted, "{:?}", file.story[3].1.act);
    }

    /// The first account of all is opened by whoever has the machine, and the journal says so.
    fn the_first_account_is_the_machines(house: &House) {
        let all = house.registry().all_accounts().expect("read");
        let first = all.iter().find(|a| a.login.as_str() == "warden").expect("there");
        let file = house.registry().account_file(first.id).expect("a story");
        let by = &file.story[0].1.by;
        assert_eq!((by.officer.as_str(), by.role), ("machine", Role::Machine));
    }
}

/// A role that needs one enrols before anything else, and the code opens one browser once.
#[test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn a_second_factor_is_enrolled_and_asked_for() {
    let house = House::sqlite().expect("a house");
    let who = officer("fresh", AUTHORITY, &[Role::Approver]);
    opens(&house, &who, "warden").expect("opened");
    let mut browser = house.visitor();
    let half = tries(&mut browser, "fresh", PASSWORD);
    assert_eq!(half.location(), "/login/factor");
    let before = session(&half);
    for path in ["/console", "/console/cases", "/console/me"] {
        assert_eq!(browser.get(path).location(), "/login/factor", "{path}");
    }
    let page = browser.get("/login/factor");
    let secret = page
        .between("<code>", "</code>")
        .expect("a secret")
        .to_owned();
    assert!(
        page.text.contains("data:image/svg+xml;base64,"),
        "a picture"
    );
    assert!(
        !page.text.contains("demo-code"),
        "an office's node tells no code"
    );
    let wrong = browser.post("/login/factor", &[("code", "000000")]);
    assert_eq!(wrong.status, 422);
    let secret = unspelled(&secret);
    let code = factors::code_at(&secret, clock::real());
    let done = browser.post("/login/factor", &[("code", &code)]);
    assert_eq!((done.status, done.location()), (303, "/console"));
    assert_ne!(session(&done), before, "the session is a new one");
    assert_eq!(browser.get("/console").status, 200);
    // Whoever knew the half-open session has nothing.
    let mut thief = house.visitor();
    thief.take(&before);
    assert_eq!(thief.get("/console").location(), "/login");
    assert_eq!(thief.get("/login/factor").location(), "/login");

    let mut second = house.visitor();
    assert_eq!(
        tries(&mut second, "fresh", PASSWORD).location(),
        "/login/code"
    );
    assert_eq!(second.get("/console/cases").location(), "/login/code");
    assert_eq!(
        second.get("/login/factor").location(),
        "/login/code",
        "no second telephone"
    );
    second.get("/login/code");
    let used = second.post("/login/code", &[("code", &code)]);
    assert_eq!(used.status, 403, "a code counts once");
    let next = factors::code_at(&secret, clock::real() + SignedDuration::from_secs(30));
    let done = second.post("/login/code", &[("code", &next)]);
    assert_eq!(done.location(), "/console", "{}", done.text);

    // The telephone is lost: another is enrolled, and the old browsers are signed out.
    let (registry, warden) = (house.registry(), house.officer("warden"));
    // Whoever knows the password takes the factor of nobody, nor the other way round.
    let watch = officer("watch", "99", &[Role::SecurityAdmin]);
    opens(&house, &watch, "warden").expect("opened");
    let reset = |by| registry.change_account("fresh", Duty::ResetFactor, by, clock::now());
    let alone = Some(Refusal::SecondPersonRequired);
    assert_eq!(refused(reset(&warden)), alone);
    reset(&watch).expect("taken away");
    let sets = |by| registry.set_password("fresh", PASSWORD, by, clock::now());
    assert_eq!(refused(sets("watch")), alone);
    sets("warden").expect("another sets it");
    assert_eq!(browser.get("/console").location(), "/login");
    let mut third = house.visitor();
    assert_eq!(
        tries(&mut third, "fresh", PASSWORD).location(),
        "/login/factor"
    );
    house.close();
}

/// Base 32, read back.
fn unspelled(text: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let fives = text.chars().filter_map(|c| letters.find(c));
    let bits: Vec<u8> = fives
        .flat_map(|five| (0..5).rev().map(move |n| u8::from(five >> n & 1 == 1)))
        .collect();
    let byte = |bits: &[u8]| bits.iter().fold(0, |sum, bit| sum << 1 | bit);
    bits.chunks_exact(8).map(byte).collect()
}

#[test]
fn a_code_is_used_up() {
    let house = House::sqlite().expect("a house");
    let (registry, at) = (house.registry(), noon(date(2026, 11, 2)));
    let code = factors::code_at(&SECRET, at);
    let uses = |code: &str, at| registry.use_code("second", code, at).expect("an answer");
    assert!(!uses("123456", at) || code == "123456");
    assert!(uses(&code, at));
    assert!(!uses(&code, at), "used");
    let before = factors::code_at(&SECRET, at - SignedDuration::from_secs(30));
    assert!(!uses(&before, at), "an older one after a newer one");
    assert!(
        !registry.use_code("clerk", &code, at).expect("an answer"),
        "no second factor"
    );
    let maker = house.officer("maker");
    let code = factors::code_at(&OTHER, at);
    let twice = registry.enrol_factor(&maker, &OTHER, &code, (at, clock::now()));
    assert_eq!(refused(twice), Some(Refusal::AlreadyExists));
    house.close();
}

/// Failures in a row lock an account; the right password does not help, another person does.
#[test]
fn an_account_is_locked_and_opened_again() {
    let house = House::sqlite().expect("a house");
    let registry = house.registry();
    let from = kecha::registry::From {
        address: "198.51.100.7",
        at: clock::now(),
    };
    for _ in 0..2 {
        registry
            .failed("desk", Door::WrongPassword, from, 3)
            .expect("noted");
        assert!(!registry.is_locked("desk").expect("an answer"));
    }
    // A success between them counts anew.
    registry
        .succeeded("desk", Door::SignedIn, from)
        .expect("noted");
    for _ in 0..3 {
        registry
            .failed("desk", Door::WrongPassword, from, 3)
            .expect("noted");
    }
    assert!(registry.is_locked("desk").expect("an answer"));
    assert!(!registry.is_locked("first").expect("an answer"));
    let mut browser = house.visitor();
    assert_eq!(tries(&mut browser, "desk", PASSWORD).status, 403);
    assert_eq!(doors(registry, "desk")[..2], ["while_locked", "locked"]);
    registry
        .failed("a password typed as a login", Door::WrongPassword, from, 3)
        .expect("nothing");
    assert!(doors(registry, "a password typed as a login").is_empty());

    let mut warden = house.browser("warden");
    let list = warden.get("/console/accounts");
    let id = list.between(">desk</a>", "<").is_some();
    assert!(id, "{}", list.text);
    let (front, _) = list.text.split_once("\">desk</a>").expect("a link");
    let (_, path) = front.rsplit_once("href=\"").expect("a link");
    let path = path.to_owned();
    assert!(warden.get(&path).text.contains("已锁定"));
    let done = warden.post(&path, &[("command", "unlock")]);
    assert_eq!((done.status, done.location()), (303, path.as_str()));
    assert_eq!(tries(&mut browser, "desk", PASSWORD).location(), "/console");
    let lines = house.browser("auditor").get("/console/log-ins").text;
    assert!(
        lines.contains("解除锁定") && lines.contains("198.51.100.7"),
        "{lines}"
    );
    house.close();
}

/// Granting needs a password or a code of the last minutes; the form goes through with it.
#[test]
fn what_is_grave_needs_a_fresh_sign_in() {
    let house = House::sqlite().expect("a house");
    let registry = house.registry();
    let token = house.app.random_token();
    let opened = clock::now() - SignedDuration::from_mins(6);
    let digest = kecha::registry::digest(&token);
    registry
        .open_session("warden", &digest, opened)
        .expect("signed in");
    let mut warden = house.visitor();
    warden.take(&token);
    warden.get("/console/accounts");
    let form = [
        ("login", "late"),
        ("name", "officer late"),
        ("office", AUTHORITY),
        ("role", "reviewer"),
        ("password", PASSWORD),
    ];
    let asked = warden.post("/console/accounts", &form);
    assert_eq!(asked.status, 403, "{}", asked.text);
    assert!(asked.text.contains("name=\"again\"") && asked.text.contains("value=\"late\""));
    assert!(registry.officer("late").is_err(), "nothing was done");
    let again = |with: &'static str| [&form[..], &[("again", with)]].concat();
    let wrong = warden.post("/console/accounts", &again("a wrong password"));
    assert_eq!(wrong.status, 403);
    assert!(registry.officer("late").is_err(), "nothing was done");
    let done = warden.post("/console/accounts", &again(PASSWORD));
    assert_eq!(done.status, 303, "{}", done.text);
    assert_eq!(
        registry.officer("late").expect("opened").roles,
        [Role::Reviewer]
    );
    assert_eq!(doors(registry, "warden")[..2], ["again", "wrong_password"]);
    // And for the next minutes it is fresh.
    warden.get("/console/accounts");
    let form = form.map(|(n, v)| (n, if n == "login" { "later" } else { v }));
    assert_eq!(warden.post("/console/accounts", &form).status, 303);
    // A command is read without the blanks around it: they opened this door once.
    let token = house.app.random_token();
    let digest = kecha::registry::digest(&token);
    registry
        .open_session("maker", &digest, opened)
        .expect("signed in");
    let mut maker = house.visitor();
    maker.take(&token);
    maker.get("/console/cases");
    for command in ["issue", " issue", "issue\u{3000}"] {
        let asked = maker.post("/console/cases", &[("command", command)]);
        assert_eq!(asked.status, 403, "{command:?}");
        assert!(asked.text.contains("name=\"again\""), "{command:?}");
    }
    house.close();
}

/// A closed account's browser is out at its next step, and browsers can be signed out one by one.
#[test]
fn browsers_are_signed_out() {
    let house = House::sqlite().expect("a house");
    let (registry, warden) = (house.registry(), house.officer("warden"));
    let (mut here, mut there) = (house.browser("desk"), house.browser("desk"));
    let page = here.get("/console/me");
    let other = page
        .between("name=\"session\" value=\"", "\"")
        .expect("another browser");
    let other = other.to_owned();
    let done = here.post(
        "/console/me",
        &[("command", "sign_out"), ("session", &other)],
    );
    assert_eq!(done.status, 303);
    assert_eq!(there.get("/console").location(), "/login");
    assert_eq!(here.get("/console").status, 200);
    // Somebody else's browser is not named by its digest either.
    let mut first = house.browser("first");
    first.get("/console/me");
    let page = here.get("/console/me").text;
    assert!(
        !page.contains("name=\"session\""),
        "only this browser is left: {page}"
    );
    let wrong = here.post(
        "/console/me",
        &[
            ("command", "password"),
            ("old", "not this one"),
            ("new", "a longer password"),
        ],
    );
    assert_eq!(wrong.status, 422);
    let done = here.post("/console/me", &[("command", "sign_out_all")]);
    assert_eq!(done.location(), "/login");
    assert_eq!(here.get("/console").location(), "/login");
    registry
        .change_account("first", Duty::Close, &warden, clock::now())
        .expect("closed");
    assert_eq!(first.get("/console").location(), "/login", "at once");
    let mut again = house.visitor();
    assert_eq!(tries(&mut again, "first", PASSWORD).status, 403);
    house.close();
}

/// Whoever opens a case is seen on its page, and by the audit administrator.
#[test]
fn readings_are_recorded() {
    let house = House::sqlite().expect("a house");
    let registry = house.registry();
    let (clerk, who) = (house.officer("clerk"), Person::new("王一", 1));
    let day = date(2026, 11, 2);
    let line = who.line(WELDING, "初领", day, "90", "90");
    let bytes = std::io::Cursor::new(sheet(&[line]));
    kecha::intake::take(registry, bytes, &clerk, noon(day), false).expect("taken");
    let mut browser = house.browser("clerk");
    let list = browser.get("/console/cases?state=all").text;
    let (_, rest) = list.split_once("href=\"/console/cases/").expect("a case");
    let id = rest.split('"').next().expect("a number").to_owned();
    assert_eq!(browser.get(&format!("/console/cases/{id}")).status, 200);
    let page = house
        .browser("lead")
        .get(&format!("/console/cases/{id}"))
        .text;
    let (_, readers) = page.split_once("谁查阅过").expect("a list");
    let (lead, clerk) = (
        readers.find("<td>lead</td>"),
        readers.find("<td>clerk</td>"),
    );
    assert!(lead.is_some() && lead < clerk, "the last first: {readers}");
    let record = id.parse().expect("a number");
    let before = registry.readings_of(record, 9).expect("read");
    registry.write_readings().expect("written");
    assert_eq!(registry.readings_of(record, 9).expect("read"), before);
    assert_eq!(before.len(), 2);
    // Another office's officer is shown nothing, and has read nothing.
    let strange = house
        .browser("auditor")
        .get(&format!("/console/cases/{id}"));
    assert_eq!(strange.status, 403);
    assert_eq!(registry.readings_of(record, 9).expect("read").len(), 2);
    registry.record_readings(&house.officer("desk"), &[record; 3], Purpose::Export);
    let all = house.browser("auditor").get("/console/readings").text;
    assert_eq!(all.matches("<td>desk</td>").count(), 3, "{all}");
    let own = house
        .browser("auditor")
        .get("/console/readings?officer=lead")
        .text;
    assert!(
        own.contains("<td>lead</td>") && !own.contains("<td>desk</td>"),
        "{own}"
    );
    registry.write_readings().expect("written");
    house.close();
}
