//! A wrong name or a wrong number is put right: the certificate is found under the right details,
//! and nothing of it is left under the wrong ones. Each story on both databases.

use std::slice::from_ref;

use domain::{
    case::{Handover, State},
    certificate::number_for,
    event::Act,
    law::Ground,
    name::Name,
    person::{Person as Holder, Sex},
    record::RecordId,
    refusal::Refusal,
    verdict::{Cause, StatusWord, Verdict},
};
use jiff::civil::{Date, date};
use kecha::registry::{Becomes, Command, Error, Imported, Lost};

use crate::{
    house::{House, on_both},
    office::{self, Day, Person, WELDING, WIRING, ground, sheet},
};

const MONDAY: Date = date(2026, 11, 2);
/// Nobody that anybody ever registered.
const NOBODY: u16 = 4_711;

fn handed_over() -> Command {
    Command::Deliver {
        to: Handover::Holder,
        note: String::new(),
    }
}

/// A person with a certificate for welding: its record, the case, and the case's ticket.
fn certified(day: &Day<'_>, person: &Person) -> (RecordId, RecordId, String) {
    let line = person.line(WELDING, "初领", MONDAY, "86", "91");
    day.imports(&sheet(&[line]), false);
    let case = day.case(person, "examined");
    day.finishes(case.id);
    let State::Issued { certificate, .. } = day.case(person, "issued").state else {
        panic!("issued");
    };
    (certificate, case.id, case.registration.ticket)
}

fn corrected(to: &Person) -> Act {
    Act::Corrected {
        holder: Box::new(Holder {
            name: Name::parse(&to.name).expect("a name"),
            sex: Sex::Male,
            document: to.document(),
        }),
        number: number_for(
            domain::catalogue::Category::SpecialOperation,
            &to.document(),
        ),
        evidence: "户口簿，档案 2026-17".to_owned(),
        sha256: String::new(),
    }
}

impl House {
    fn changes(&self, login: &str, certificate: RecordId, act: Act) -> Result<(), Refusal> {
        let (by, now) = (self.officer(login), self.on(MONDAY).now);
        let first = self.officer("both");
        let registry = self.registry();
        match office::changes(registry, certificate, act, (&first, &by), now) {
            Ok(()) => Ok(()),
            Err(Error::Refused(refusal)) => {
                // What was proposed and not decided is taken back.
                let reason = "an invented reason".to_owned();
                let declined = Act::ProposalDeclined { reason };
                let _ = registry.change_certificate(certificate, declined, &first, now);
                Err(refusal)
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// The answer to anybody's miss, to the byte, is the answer here.
    fn has_no_trace_of(&self, person: &Person) {
        let day = self.on(MONDAY);
        let nobody = Person::new("王一", NOBODY);
        let (told, miss) = (day.asks(person, None), day.asks(&nobody, None));
        assert_eq!(format!("{told:?}"), format!("{miss:?}"));
        assert_eq!(told.verdict, Verdict::NotFound);
    }
}

on_both! {
    fn a_wrong_name_is_put_right(house: &House) {
        let (wrong, right) = (Person::new("王一", 1), Person::new("汪一", 1));
        let day = house.on(MONDAY);
        let (certificate, case, ticket) = certified(&day, &wrong);
        let before = day.asks(&wrong, None).certificates.remove(0);
        for login in ["desk", "first", "maker"] {
            let tried = house.changes(login, certificate, corrected(&right));
            assert_eq!(tried, Err(Refusal::RoleNotAllowed), "{login}");
        }
        let mut silent = corrected(&right);
        if let Act::Corrected { evidence, .. } = &mut silent {
            *evidence = " ".to_owned();
        }
        assert_eq!(house.changes("second", certificate, silent), Err(Refusal::GroundMissing));
        let both = corrected(&Person::new("汪一", 2));
        assert_eq!(house.changes("second", certificate, both), Err(Refusal::CertificateDiffers));
        assert_eq!(day.asks(&wrong, None).certificates, from_ref(&before), "nothing was changed");

        assert_eq!(house.changes("second", certificate, corrected(&right)), Ok(()));
        let mut after = day.asks(&right, None).certificates.remove(0);
        assert_eq!(after.holder, right.name);
        after.holder.clone_from(&before.holder);
        assert_eq!(after, before, "nothing else is changed");
        house.has_no_trace_of(&wrong);
        let fact = day.asks(&wrong, Some(&ticket));
        let causes: Vec<Cause> = fact.causes.iter().map(|w| w.code).collect();
        assert_eq!((causes, fact.mismatch_is_fact), (vec![Cause::DetailsMismatch], true));

        // The case goes on where its certificate is, and so does the person's life.
        assert_eq!(day.does("maker", Command::Print, case), Ok("issued"));
        assert_eq!(day.does("maker", handed_over(), case), Ok("issued"));
        assert_eq!(house.changes("second", certificate, Act::Suspended(ground())), Ok(()));
        let own = day.asks(&right, Some(&ticket)).certificates.remove(0);
        assert_eq!((own.status, own.ground), (StatusWord::Suspended, Some(ground())));
        let wiring = |who: &Person| sheet(&[who.line(WIRING, "初领", MONDAY, "80", "80")]);
        let refused = day.imports(&wiring(&wrong), true);
        assert!(matches!(refused.outcome, Imported::Done { taken: 0, .. }), "{refused:?}");
        let taken = day.imports(&wiring(&right), false);
        assert!(matches!(taken.outcome, Imported::Done { taken: 1, .. }), "{taken:?}");
        let file = house.registry().certificate_file(&house.officer("second"), certificate);
        let story = file.expect("a file").story;
        let kinds = story.iter().map(|(_, e)| e.act.kind());
        let kinds: Vec<_> = kinds.filter(|kind| *kind != "proposal_declined").collect();
        let proposed = ["change_proposed"; 4].into_iter();
        let wanted: Vec<_> = ["certificate_issued"].into_iter().chain(proposed).collect();
        assert_eq!(kinds[..5], wanted);
        assert_eq!(kinds[5..], ["corrected", "suspended"]);
    }

    /// A number that was typed wrong belongs to somebody else, who is not kept out by it.
    fn a_wrong_number_is_put_right_and_free_again(house: &House) {
        let (wrong, right) = (Person::new("王一", 1), Person::new("王一", 2));
        let (owner, day) = (Person::new("李二", 1), house.on(MONDAY));
        let (certificate, ..) = certified(&day, &wrong);
        let line = sheet(&[owner.line(WELDING, "初领", MONDAY, "80", "80")]);
        let kept_out = day.imports(&line, true);
        assert!(matches!(kept_out.outcome, Imported::Done { taken: 0, .. }), "{kept_out:?}");
        assert_eq!(house.changes("second", certificate, corrected(&right)), Ok(()));
        let told = day.asks(&right, None).certificates.remove(0);
        assert_eq!(told.number, format!("T{}", right.number));
        house.has_no_trace_of(&wrong);
        let taken = day.imports(&line, false);
        assert!(matches!(taken.outcome, Imported::Done { taken: 1, .. }), "{taken:?}");
        day.finishes(day.case(&owner, "examined").id);
        assert_eq!(day.asks(&owner, None).verdict, Verdict::Found);
        // Back again it cannot go: the number is its owner's now.
        let back = house.changes("second", certificate, corrected(&wrong));
        assert_eq!(back, Err(Refusal::NameConflict));
        assert_eq!(day.asks(&right, None).certificates, [told]);
    }

    /// Where the right details are taken, or a case about the certificate runs, nothing moves.
    fn what_stands_in_the_way_of_a_correction(house: &House) {
        let [wang, li, zhao] = [("王一", 1), ("李二", 2), ("王一", 3)].map(|p| Person::new(p.0, p.1));
        let day = house.on(MONDAY);
        let [(first, ..), _, _] = [&wang, &li, &zhao].map(|who| certified(&day, who));
        let change = |to: &Person| house.changes("second", first, corrected(to));
        assert_eq!(change(&Person::new("王一", 2)), Err(Refusal::NameConflict));
        assert_eq!(change(&zhao), Err(Refusal::CertificateExists));
        let renewal = wang.line(WELDING, "换证", MONDAY, "80", "80");
        day.imports(&sheet(&[renewal]), false);
        let right = Person::new("汪一", 1);
        assert_eq!(change(&right), Err(Refusal::CaseRunning));
        day.finishes(day.case(&wang, "examined").id);
        assert_eq!(change(&right), Ok(()));
        let told = day.asks(&right, None);
        assert_eq!((told.certificates.len(), told.progress.len()), (1, 0));
        house.has_no_trace_of(&wang);
        // And back, since nobody else has the number.
        assert_eq!(change(&wang), Ok(()));
        assert_eq!(day.asks(&wang, None).certificates.len(), 1);
        house.has_no_trace_of(&right);
    }

    /// What was revoked or cancelled goes on in no case; an exam sat for it would lead nowhere.
    fn nothing_of_a_cancelled_certificate_is_renewed(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(MONDAY));
        let (certificate, ..) = certified(&day, &wang);
        let cancelled = Act::Cancelled(Ground::of("otherwise_cancelled", "档案 2026-18"));
        assert_eq!(house.changes("second", certificate, cancelled), Ok(()));
        let renewal = wang.line(WELDING, "换证", MONDAY, "80", "80");
        let told = day.imports(&sheet(&[renewal]), false);
        assert_eq!(told.refused, 1);
        // A first certificate is another matter.
        let first = wang.line(WELDING, "初领", MONDAY, "80", "80");
        assert_eq!(day.imports(&sheet(&[first]), false).refused, 0);
    }

    /// 换证 for changed data: the holder's number became another, and nothing had been wrong.
    fn a_replacement_goes_where_its_holder_went(house: &House) {
        for (old, new) in [
            (Person::new("王一", 1), Person::new("王一", 2)),
            (Person::new("李二", 3), Person::new("黎二", 3)),
        ] {
            let day = house.on(MONDAY);
            let (certificate, _, ticket) = certified(&day, &old);
            let before = day.asks(&old, None).certificates.remove(0);
            let card = Lost {
                document: old.document(),
                name: Name::parse(&old.name).expect("a name"),
                item: "2.1".into(),
                materials: Vec::new(),
                appointment: None,
            };
            let ask = |to: &Person| {
                let becomes = Becomes {
                    document: to.document(),
                    name: Name::parse(&to.name).expect("a name"),
                };
                let clerk = house.officer("clerk");
                house.registry().ask_replacement(&card, &becomes, &clerk, day.now)
            };
            let another = ask(&Person::new("赵三", 9)).expect_err("somebody else");
            assert!(matches!(another, Error::Refused(Refusal::CertificateDiffers)), "{another}");
            let case = ask(&new).expect("a case");
            let again = ask(&new).expect_err("one runs");
            assert!(matches!(again, Error::Refused(Refusal::CaseRunning)), "{again}");
            // Nor to become something else meanwhile: one certificate, one case.
            let other = ask(&Person::new(&old.name, 77)).expect_err("one runs");
            assert!(matches!(other, Error::Refused(Refusal::CaseRunning)), "{other}");
            assert_eq!(day.asks(&old, None).certificates, from_ref(&before), "as long as it runs");
            assert_eq!(day.asks(&new, None).verdict, Verdict::InProgress);
            assert_eq!(day.does("desk", Command::Accept, case), Ok("accepted"));
            assert_eq!(day.does("both", Command::Review, case), Ok("reviewed"));
            let alone = day.does("both", Command::Approve, case);
            assert_eq!(alone, Err(Refusal::SecondPersonRequired));
            for (login, command, word) in [
                ("second", Command::Approve, "approved"),
                ("maker", Command::Make { batch: "B2".to_owned() }, "made"),
                ("maker", Command::Issue, "issued"),
                ("maker", Command::Print, "issued"),
            ] {
                assert_eq!(day.does(login, command, case), Ok(word));
            }
            let told = day.asks(&new, None);
            assert_eq!((told.certificates.len(), told.progress.len()), (1, 0));
            let after = &told.certificates[0];
            assert_eq!((&after.holder, &after.number), (&new.name, &format!("T{}", new.number)));
            assert_eq!(after.valid_until, before.valid_until);
            house.has_no_trace_of(&old);
            // The first case went along: its ticket tells the ground.
            assert_eq!(house.changes("second", certificate, Act::Suspended(ground())), Ok(()));
            let own = day.asks(&new, Some(&ticket)).certificates.remove(0);
            assert_eq!(own.ground, Some(ground()));
        }
    }
}
