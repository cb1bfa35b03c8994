//! The second factor: enrolled once, asked for each time, and no code counts twice.

use domain::{office::Role, refusal::Refusal};
use jiff::{SignedDuration, civil::date};
use kecha::{
    clock,
    registry::{
        Duty,
        factors::{self, Secret},
    },
};

use super::{officer, opens, refused, session, tries};
use crate::{
    house::{AUTHORITY, House, PASSWORD, SECRET, noon},
    people::Browser,
};

/// A telephone that was just given its secret.
const OTHER: Secret = *b"another secret, new.";

/// A role that needs one enrols before anything else, and the code opens one browser once.
#[test]
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
    let secret = offered(&mut browser);
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

/// The secret on the page that enrols, which a wrong code does not change.
fn offered(browser: &mut Browser) -> Vec<u8> {
    let page = browser.get("/login/factor");
    let secret = page.between("<code>", "</code>").expect("a secret");
    let picture = page.text.contains("data:image/svg+xml;base64,");
    assert!(picture, "a picture");
    let told = page.text.contains("demo-code");
    assert!(!told, "an office's node tells no code");
    let wrong = browser.post("/login/factor", &[("code", "000000")]);
    assert_eq!(wrong.status, 422);
    unspelled(secret)
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
