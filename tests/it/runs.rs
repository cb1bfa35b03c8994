//! Cards made in runs: numbered by the program, whole or not at all, and seen where they lie. On
//! both databases.

use domain::{
    case::{Card, Handover},
    event::Act,
    law::Ground,
    name::Name,
    office::Role,
    record::RecordId,
    refusal::Refusal,
};
use jiff::civil::{Date, date};
use kecha::registry::{Command, Duty, Error, RunFile};

use crate::{
    house::{House, noon, on_both},
    office::{Day, Person, WELDING, sheet},
};

const MONDAY: Date = date(2026, 11, 2);

fn next_number() -> Command {
    Command::Make {
        batch: String::new(),
    }
}

/// So many people whose case is approved, in the order of their numbers.
fn approved(day: &Day<'_>, first: u16, count: u16) -> Vec<RecordId> {
    let people: Vec<Person> = (first..first + count)
        .map(|n| Person::new("王一", n))
        .collect();
    let lines: Vec<String> = people
        .iter()
        .map(|p| p.line(WELDING, "初领", MONDAY, "86", "91"))
        .collect();
    day.imports(&sheet(&lines), false);
    let cases = people.iter().map(|p| day.case(p, "examined").id);
    let cases: Vec<RecordId> = cases.collect();
    for case in &cases {
        day.reports(*case);
        for (login, command) in [
            ("desk", Command::Accept),
            ("first", Command::Review),
            ("second", Command::Approve),
        ] {
            assert!(day.does(login, command, *case).is_ok());
        }
    }
    cases
}

impl House {
    fn makes(&self, cases: &[RecordId], command: &Command, on: Date) -> Vec<Option<Refusal>> {
        let maker = self.officer("maker");
        let done = self.registry().command(cases, command, &maker, noon(on));
        let done = done.expect("the register answers");
        done.into_iter().map(|d| d.state.err()).collect()
    }

    fn run_of(&self, number: &str) -> RunFile {
        let maker = self.officer("maker");
        let file = self.registry().run(&maker, number, true, MONDAY);
        file.expect("a run")
    }

    fn numbers(&self) -> Vec<(String, [i64; 4])> {
        let of = |over| self.registry().runs(&self.officer("maker"), over);
        let runs = [false, true]
            .into_iter()
            .flat_map(|over| of(over).expect("runs"));
        let mut runs: Vec<_> = runs.map(|run| (run.number, run.cards)).collect();
        runs.sort();
        runs
    }
}

on_both! {
    fn the_program_numbers_the_runs_of_a_year(house: &House) {
        let cases = approved(&house.on(MONDAY), 1, 5);
        assert_eq!(house.makes(&cases[..2], &next_number(), MONDAY), [None, None]);
        assert_eq!(house.makes(&cases[2..3], &next_number(), MONDAY), [None]);
        // A number that somebody gave is no running number.
        let named = Command::Make { batch: "2026-第7批".to_owned() };
        assert_eq!(house.makes(&cases[3..4], &named, MONDAY), [None]);
        let refused = Some(Refusal::WrongState);
        assert_eq!(house.makes(&cases[..1], &next_number(), MONDAY), [refused]);
        assert_eq!(house.makes(&cases[4..], &next_number(), date(2027, 1, 4)), [None]);
        let [one, two, named, next] = &house.numbers()[..] else { panic!("four runs") };
        assert_eq!(*one, ("2026-0001".to_owned(), [2, 0, 0, 0]));
        assert_eq!(*two, ("2026-0002".to_owned(), [1, 0, 0, 0]));
        assert_eq!(named.0, "2026-第7批");
        assert_eq!(*next, ("2027-0001".to_owned(), [1, 0, 0, 0]));
        let file = house.run_of("2026-0001");
        let lines: Vec<_> = file.cards.iter().map(|c| (c.line, c.case.id)).collect();
        assert_eq!(lines, [(1, cases[0]), (2, cases[1])]);
    }

    fn a_run_is_printed_whole_or_not_at_all(house: &House) {
        let cases = approved(&house.on(MONDAY), 11, 3);
        house.makes(&cases, &next_number(), MONDAY);
        house.makes(&cases[..2], &Command::Issue, MONDAY);
        let print = |cases: &[RecordId]| {
            let maker = house.officer("maker");
            let registry = house.registry();
            let done = registry.command_whole(cases, &Command::Print, &maker, noon(MONDAY));
            done.expect("an answer").into_iter().map(|d| d.state.err()).collect::<Vec<_>>()
        };
        // The third is not issued: then none of them was printed.
        assert_eq!(print(&cases), [None, None, Some(Refusal::WrongState)]);
        assert_eq!(house.run_of("2026-0001").run.cards, [1, 2, 0, 0]);
        assert_eq!(print(&cases[..2]), [None, None]);
        assert_eq!(house.run_of("2026-0001").run.cards, [1, 0, 2, 0]);
        let again = Some(Refusal::WrongState);
        assert_eq!(print(&cases[..2]), [again, again]);
    }

    fn the_cupboard_holds_what_nobody_fetched(house: &House) {
        let cases = approved(&house.on(MONDAY), 21, 3);
        house.makes(&cases, &next_number(), MONDAY);
        house.makes(&cases, &Command::Issue, MONDAY);
        house.makes(&cases, &Command::Print, MONDAY);
        let reason = "torn".to_owned();
        house.makes(&cases[1..2], &Command::Spoil { reason }, MONDAY);
        let (to, note) = (Handover::Agent, "an agent".to_owned());
        house.makes(&cases[2..], &Command::Deliver { to, note }, MONDAY);
        let maker = house.officer("maker");
        let look = |card| {
            let found = house.registry().cupboard(&maker, card, 9, MONDAY).expect("a cupboard");
            // What was handed over is not counted.
            assert_eq!(found.counts, [0, 1, 1, 0]);
            found.cards.iter().map(|c| (c.case.id, c.line, c.run.clone())).collect::<Vec<_>>()
        };
        let run = || "2026-0001".to_owned();
        assert_eq!(look(Card::Printed), [(cases[0], 1, run())]);
        assert_eq!(look(Card::Issued), [(cases[1], 2, run())]);
        let steps = house.run_of("2026-0001").steps;
        let told: Vec<_> = steps.iter().map(|s| (s.kind, &s.lines[..], &*s.note)).collect();
        assert_eq!(told.len(), 5, "{told:?}");
        for wanted in [
            ("made", &[1, 2, 3][..], ""),
            ("printed", &[1, 2, 3], ""),
            ("card_spoiled", &[2], "torn"),
            ("delivered", &[3], "an agent"),
        ] {
            assert!(told.contains(&wanted), "{wanted:?} in {told:?}");
        }
    }

    /// Whose role was withdrawn while the page was open. Of many cases each refusal is told and the
    /// others go on: what this one had begun was written with them, a certificate without an event.
    fn who_is_off_duty_issues_nothing(house: &House) {
        let cases = approved(&house.on(MONDAY), 31, 1);
        house.makes(&cases, &next_number(), MONDAY);
        let (registry, maker) = (house.registry(), house.officer("maker"));
        let (warden, withdrawn) = (house.officer("warden"), Duty::Withdraw(Role::Issuer));
        registry.change_account("maker", withdrawn, &warden, noon(MONDAY)).expect("withdrawn");
        let done = registry.command(&cases, &Command::Issue, &maker, noon(MONDAY));
        assert_eq!(done.expect("an answer")[0].state, Err(Refusal::RoleNotHeld));
        let (who, name) = (Person::new("王一", 31), Name::parse("王一").expect("a name"));
        let there = registry.certificates_of(&maker, &who.document(), &name);
        assert_eq!(there.expect("an answer"), []);
    }

    /// A card is made and given to nobody whose certificate was taken away since its issue.
    fn no_card_goes_out_whose_certificate_does_not_stand(house: &House) {
        let day = house.on(MONDAY);
        let cases = approved(&day, 41, 3);
        house.makes(&cases, &next_number(), MONDAY);
        house.makes(&cases, &Command::Issue, MONDAY);
        let (registry, maker) = (house.registry(), house.officer("maker"));
        let of = |case| {
            let file = registry.case_file(&maker, case, MONDAY).expect("a case");
            file.case.state.certificate().expect("a certificate")
        };
        let deliver = Command::Deliver { to: Handover::Holder, note: String::new() };
        let print = |at: usize| house.makes(&cases[at..=at], &Command::Print, MONDAY)[0];
        let hands = |at: usize| house.makes(&cases[at..=at], &deliver, MONDAY)[0];
        let (first, second) = (house.officer("first"), house.officer("second"));
        let ground = || Ground::of("licence_by_fraud", "");
        let revoked = || Act::Revoked { ground: ground(), banned_until: None };
        let revoke = || Act::ChangeProposed(Box::new(revoked()));
        let change = |at: usize, act, by| {
            registry.change_certificate(of(cases[at]), act, by, day.now)
        };
        assert_eq!(print(0), None);
        change(0, revoke(), &first).expect("proposed");
        assert_eq!(hands(0), Some(Refusal::ProposalOpen));
        registry.decide(of(cases[0]), &second, day.now).expect("revoked");
        assert_eq!(hands(0), Some(Refusal::CertificateEnded));
        change(1, revoke(), &first).expect("proposed");
        registry.decide(of(cases[1]), &second, day.now).expect("revoked");
        assert_eq!(print(1), Some(Refusal::CertificateEnded));
        assert_eq!(print(2), None);
        change(2, Act::Suspended(Ground::of("penalty", "")), &second).expect("suspended");
        assert_eq!(hands(2), Some(Refusal::CertificateSuspended));
        change(2, Act::Resumed, &second).expect("resumed");
        assert_eq!(hands(2), None);
    }

    fn another_authority_has_no_such_run(house: &House) {
        let cases = approved(&house.on(MONDAY), 31, 1);
        house.makes(&cases, &next_number(), MONDAY);
        let mut other = house.officer("maker");
        other.office = "9902".into();
        let registry = house.registry();
        let file = registry.run(&other, "2026-0001", true, MONDAY);
        assert!(matches!(file, Err(Error::NotFound)));
        assert!(registry.runs(&other, false).expect("runs").is_empty());
        let cupboard = registry.cupboard(&other, Card::Made, 9, MONDAY).expect("a cupboard");
        assert!(cupboard.cards.is_empty() && cupboard.counts == [0; 4]);
    }
}
