//! After the issue: the page of a certificate, two officers over it, the counter, a card that is
//! stopped, and a case that goes to another authority. Each story on both databases.

use domain::{
    case::{State, Tie},
    event::Act,
    law::Ground,
    name::Name,
    office::{Office, OfficeKind, Role},
    record::RecordId,
    refusal::Refusal,
    verdict::{Kind, StatusWord},
};
use jiff::civil::{Date, date};
use kecha::registry::{Asked, AtCounter, Command, Error, Lost, Officer};

use crate::{
    house::{AUTHORITY, House, INSTITUTION, on_both},
    office::{Day, Person, WELDING, ground, sheet},
};

const MONDAY: Date = date(2026, 11, 2);
const ELSEWHERE: &str = "9902";

/// A person with a certificate for welding, and the ticket of the case.
fn certified(day: &Day<'_>, person: &Person) -> (RecordId, String) {
    let line = person.line(WELDING, "初领", MONDAY, "86", "91");
    day.imports(&sheet(&[line]), false);
    let case = day.case(person, "examined");
    day.finishes(case.id);
    let State::Issued { certificate, .. } = day.case(person, "issued").state else {
        panic!("issued");
    };
    (certificate, case.registration.ticket)
}

/// A second authority, and its acceptance officer.
fn another(house: &House) -> Officer {
    let office = Office {
        code: ELSEWHERE.into(),
        name: "第二发证机关".to_owned(),
        kind: OfficeKind::Authority,
        telephone: "000".to_owned(),
        reports_to: None,
        authorisation: None,
        suspended: None,
        past: domain::office::Past::default(),
    };
    let (keeper, now) = (house.officer("keeper"), house.on(date(2026, 1, 5)).now);
    house
        .registry()
        .enter_office(office, &keeper, now)
        .expect("an office");
    let officer = Officer {
        login: "elsewhere".to_owned(),
        name: "officer elsewhere".to_owned(),
        office: ELSEWHERE.into(),
        roles: vec![Role::AcceptanceOfficer, Role::Reviewer],
    };
    let warden = house.officer("warden");
    house
        .registry()
        .register_account(&officer, Some(&warden), now)
        .expect("an account");
    officer
}

on_both! {
    /// From the page: proposed by one, decided by another, and nobody finds a ground in an address.
    fn a_certificate_is_revoked_from_its_page(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        let (id, ticket) = certified(&day, &wang);
        let page = format!("/console/certificates/{id}");
        let mut both = house.browser("both");
        let shown = both.get(&page);
        assert_eq!(shown.status, 200);
        assert!(shown.text.contains(&format!("T{}", wang.number)), "its own holder is shown");
        let none = both.post(&format!("{page}/propose"), &[("command", "revoke")]);
        assert_eq!(none.status, 422, "a ground is missing");
        let chosen = [("command", "revoke"), ("ground_code", "fraud"), ("addition", "伪造学历")];
        let proposed = both.post(&format!("{page}/propose"), &chosen);
        assert_eq!((proposed.status, proposed.location()), (303, page.as_str()));
        assert_eq!(day.asks(&wang, None).certificates[0].status, StatusWord::Valid);
        let decide = [("command", "decide")];
        let alone = both.post(&format!("{page}/decide"), &decide);
        assert_eq!(alone.status, 422, "the one who proposed it");
        let mut first = house.browser("first");
        assert_eq!(first.post(&format!("{page}/decide"), &decide).status, 403);
        let mut second = house.browser("second");
        assert!(second.get("/console/certificates").text.contains(&id.to_string()));
        assert_eq!(second.post(&format!("{page}/decide"), &decide).status, 303);
        let public = day.asks(&wang, None).certificates.remove(0);
        assert_eq!((public.status, public.ground), (StatusWord::Revoked, None));
        let own = day.asks(&wang, Some(&ticket)).certificates.remove(0);
        let ground = own.ground.expect("with the ticket");
        assert_eq!((ground.code.as_str(), ground.addition.as_str()), ("fraud", "伪造学历"));
        let told = second.get(&page).text;
        assert!(told.contains(&ground.article) && told.contains("伪造学历"));
        // Whoever belongs to no authority does not come in.
        assert_eq!(house.browser("clerk").get(&page).status, 403);
        assert_eq!(house.browser("auditor").get(&page).status, 403);
    }

    /// 补证 at the counter: who takes the application does not decide it, and the remark stays.
    fn a_card_is_lost_and_told_so_at_the_counter(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        let (id, _) = certified(&day, &wang);
        let card = Lost {
            document: wang.document(),
            name: Name::parse(&wang.name).expect("a name"),
            item: "2.1".into(),
            materials: Vec::new(),
            appointment: None,
        };
        let (registry, desk) = (house.registry(), house.officer("desk"));
        let case = registry.ask_reissue(&card, &desk, day.now).expect("a case");
        let again = registry.ask_reissue(&card, &desk, day.now).expect_err("one runs");
        assert!(matches!(again, Error::Refused(Refusal::CaseRunning)), "{again}");
        for (login, command, word) in [
            ("desk", Command::Accept, "accepted"),
            ("first", Command::Review, "reviewed"),
            ("second", Command::Approve, "approved"),
            ("maker", Command::Make { batch: "B2".to_owned() }, "made"),
            ("maker", Command::Issue, "issued"),
        ] {
            assert_eq!(day.does(login, command, case), Ok(word));
        }
        let file = registry.certificate_file(&desk, id).expect("a file");
        assert_eq!(file.certificate.reissued, 1);
        assert_eq!(day.asks(&wang, None).certificates.len(), 1);
        // A renewal is asked for in the last sixty days, a recheck not at all any more.
        let take = |kind, on: Date| {
            let asked = AtCounter { certificate: id, kind, institution: INSTITUTION.into() };
            registry.take_application(&asked, &desk, house.on(on).now)
        };
        for (kind, wanted) in [
            (Kind::Recheck, Refusal::KindNotInForce),
            (Kind::Renewal, Refusal::WindowNotOpen),
        ] {
            let refused = take(kind, MONDAY).expect_err("not today");
            assert!(matches!(refused, Error::Refused(r) if r == wanted), "{refused}");
        }
    }

    /// Held back before it is handed over: then it goes on, or the approval is annulled.
    fn a_made_card_is_stopped(house: &House) {
        let (wang, li, day) = (Person::new("王一", 1), Person::new("李二", 2), house.on(MONDAY));
        let lines = [&wang, &li].map(|who| who.line(WELDING, "初领", MONDAY, "86", "91"));
        day.imports(&sheet(&lines), false);
        let made = |who: &Person| {
            let case = day.case(who, "examined");
            day.reports(case.id);
            for (login, command) in [
                ("desk", Command::Accept),
                ("first", Command::Review),
                ("second", Command::Approve),
                ("maker", Command::Make { batch: "B1".to_owned() }),
            ] {
                assert!(day.does(login, command, case.id).is_ok());
            }
            let withhold = Command::Withhold { ground: Ground::of("under_examination", "") };
            assert_eq!(day.does("maker", withhold, case.id), Ok("made"));
            assert_eq!(day.does("maker", Command::Issue, case.id), Err(Refusal::CardWithheld));
            case
        };
        let (one, two) = (made(&wang), made(&li));
        let end = Command::EndWithholding { reason: "查证属实".to_owned() };
        assert_eq!(day.does("second", end, one.id), Ok("made"));
        assert_eq!(day.does("maker", Command::Issue, one.id), Ok("issued"));
        let before = day.asks(&li, None);
        let annul = Command::Annul { ground: Ground::of("licence_by_fraud", "") };
        assert_eq!(day.does("second", annul, two.id), Ok("annulled"));
        assert_eq!(day.asks(&li, None), before, "the public cannot tell");
        let ticket = two.registration.ticket.as_str();
        let own = day.asks(&li, Some(ticket)).progress.remove(0);
        let ground = own.details.expect("all of it").ground.expect("a ground");
        assert_eq!(ground.code, "licence_by_fraud");
    }

    /// Offered by one authority, taken by another; its own queue has it then, and no other.
    fn a_case_goes_to_another_authority(house: &House) {
        let elsewhere = another(house);
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        day.imports(&sheet(&[wang.line(WELDING, "初领", MONDAY, "86", "91")]), false);
        let case = day.case(&wang, "examined").id;
        day.reports(case);
        let offer = |to: &str| Command::OfferTransfer {
            to: to.into(),
            tie: Some(Tie::WorkPlace),
            reason: "到外地工作".to_owned(),
        };
        for nobody in ["9800", INSTITUTION] {
            assert_eq!(day.does("desk", offer(nobody), case), Err(Refusal::OtherProvince));
        }
        let own = day.does("desk", offer(AUTHORITY), case);
        assert_eq!(own, Err(Refusal::AlreadyThisOffice));
        assert_eq!(day.does("desk", offer(ELSEWHERE), case), Ok("reported"));
        assert_eq!(day.does("desk", Command::Accept, case), Err(Refusal::TransferOpen));
        let registry = house.registry();
        let offered = registry.offered(&elsewhere).expect("asked");
        assert_eq!(offered.iter().map(|c| c.id).collect::<Vec<_>>(), [case]);
        assert!(registry.offered(&house.officer("desk")).expect("asked").is_empty());
        registry.case_file(&elsewhere, case, MONDAY).expect("who is offered it may look");
        let does = |command: Command| {
            let done = registry.command(&[case], &command, &elsewhere, day.now);
            done.map(|done| done[0].state)
        };
        assert_eq!(does(Command::TakeTransfer).expect("taken"), Ok("reported"));
        assert!(registry.offered(&elsewhere).expect("asked").is_empty());
        assert_eq!(does(Command::Accept).expect("accepted"), Ok("accepted"));
        let desk = house.officer("desk");
        let lost = registry.case_file(&desk, case, MONDAY).expect_err("another's now");
        assert!(matches!(lost, Error::NotFound), "{lost}");
    }

    /// The list of an authority: by status and by the day it ends.
    fn certificates_are_listed(house: &House) {
        let (wang, li, day) = (Person::new("王一", 1), Person::new("李二", 2), house.on(MONDAY));
        let (one, _) = certified(&day, &wang);
        let (two, _) = certified(&day, &li);
        let (registry, second) = (house.registry(), house.officer("second"));
        let suspended = Act::Suspended(ground());
        registry.change_certificate(two, suspended, &second, day.now).expect("one");
        let list = |states: &[&'static str], days| {
            let asked = Asked { states: states.to_vec(), days, limit: 10, ..Asked::default() };
            let lines = registry.certificates(&second, &asked).expect("a list");
            lines.iter().map(|l| l.certificate.says.certificate).collect::<Vec<_>>()
        };
        assert_eq!(list(&[], None).len(), 2);
        assert_eq!(list(&["valid"], None), [one]);
        assert_eq!(list(&["suspended"], None), [two]);
        assert!(list(&[], Some((MONDAY, date(2032, 10, 31)))).is_empty());
        assert_eq!(list(&[], Some((MONDAY, date(2032, 11, 1)))).len(), 2);
        let first = Asked { limit: 1, ..Asked::default() };
        let page = registry.certificates(&second, &first).expect("a page");
        let says = &page[0].certificate.says;
        let after = Some((says.valid_until.to_string(), says.certificate));
        let next = registry.certificates(&second, &Asked { after, limit: 9, ..Asked::default() });
        assert_eq!(next.expect("a page").len(), 1);
        let clerk = house.officer("clerk");
        assert!(registry.certificates(&clerk, &Asked { limit: 9, ..Asked::default() }).expect("a list").is_empty());
    }
}
