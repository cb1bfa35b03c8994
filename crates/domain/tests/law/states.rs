//! Every act in every state. A line names a state, then each act with what follows: `>` the next
//! state, `!` a refusal. Whatever is not named is refused as `wrong_state`.

mod halt;

use std::collections::BTreeMap;

use domain::{
    batch::Batch,
    certificate::Certificate,
    event::{Act, Event, legal_day},
    exam::Part,
    fold::Record,
    law,
    office::OfficeKind,
    refusal::Refusal,
    verdict::Kind,
};
use jiff::{
    Timestamp,
    civil::{Date, date},
};

use super::{
    acts::{self, BATCH, CERTIFICATE, every, ground, record},
    story::{Story, at, changed, duty, later},
};

/// So many days after the last act each act is tried: enough for silence to be acceptance.
const WAITED: i64 = 8;
const EXAM: Date = date(2026, 11, 2);

const CASE: &str = "
registered: theory_scored>examined practical_scored>examined scores_confirmed!nothing_scored \
    enrolled>registered seat_given_up!not_enrolled ticket_given>registered \
    practical_assessed!theory_not_passed transfer_offered>registered \
    transferred!no_transfer_open transfer_declined!no_transfer_open
examined: theory_scored>examined practical_scored>examined scores_confirmed>passed \
    enrolled!no_sitting_left seat_given_up!not_enrolled ticket_given>examined \
    practical_assessed>examined transfer_offered>examined transferred!no_transfer_open \
    transfer_declined!no_transfer_open
passed: score_recheck_asked>passed score_rechecked!no_score_recheck_open reported>reported \
    transfer_offered>passed transferred!no_transfer_open transfer_declined!no_transfer_open
rechecking: score_recheck_asked!score_recheck_open score_rechecked>passed \
    reported!score_recheck_open closed!score_recheck_open transfer_offered>passed \
    transferred!no_transfer_open transfer_declined!no_transfer_open
not_passed: theory_scored>examined practical_scored>examined score_recheck_asked>not_passed \
    score_rechecked!no_score_recheck_open reported!not_passed closed>closed enrolled>not_passed \
    seat_given_up!not_enrolled ticket_given>not_passed practical_assessed>examined \
    transfer_offered>not_passed transferred!no_transfer_open transfer_declined!no_transfer_open
reported: accepted>accepted deemed_accepted>accepted returned>returned refused>refused \
    transfer_offered>reported transferred!no_transfer_open transfer_declined!no_transfer_open
returned: resubmitted>reported transfer_offered>returned transferred!no_transfer_open \
    transfer_declined!no_transfer_open
resubmitted: accepted>accepted deemed_accepted>accepted returned>returned refused>refused \
    transfer_offered>reported transferred!no_transfer_open transfer_declined!no_transfer_open
refused: closed>closed
accepted: reviewed>reviewed procedure_begun>accepted procedure_ended!no_procedure_open \
    decision_extended>accepted
deemed: reviewed>reviewed procedure_begun>accepted procedure_ended!no_procedure_open \
    decision_extended>accepted
reviewed: approved>approved rejected>rejected procedure_begun>reviewed \
    procedure_ended!no_procedure_open decision_extended>reviewed
heard: reviewed!procedure_open approved!procedure_open rejected!procedure_open \
    procedure_begun!procedure_open procedure_ended>accepted decision_extended!procedure_open
heard_late: reviewed!procedure_open approved!procedure_open rejected!procedure_open \
    procedure_begun!procedure_open procedure_ended>reviewed decision_extended!procedure_open
extended: reviewed>reviewed procedure_begun>accepted procedure_ended!no_procedure_open \
    decision_extended!already_extended
rejected: closed>closed
approved: made>made
made: certificate_issued>issued renewed!certificate_differs rechecked!certificate_differs \
    replaced!certificate_differs reissued!certificate_differs \
    withheld>made withholding_ended!not_withheld annulled!not_withheld
issued: printed>issued withheld>issued withholding_ended!not_withheld
printed: card_spoiled>issued delivered>issued withheld>issued withholding_ended!not_withheld
delivered:
offered: accepted!transfer_open deemed_accepted>accepted returned!transfer_open \
    refused!transfer_open transfer_offered!transfer_open transferred!not_this_office \
    transfer_declined>reported
withheld: certificate_issued!card_withheld renewed!card_withheld rechecked!card_withheld \
    replaced!card_withheld reissued!card_withheld printed!card_withheld delivered!card_withheld \
    withheld!card_withheld withholding_ended>made annulled>annulled
withheld_card: certificate_issued!card_withheld renewed!card_withheld rechecked!card_withheld \
    replaced!card_withheld reissued!card_withheld printed!card_withheld delivered!card_withheld \
    withheld!card_withheld withholding_ended>issued
annulled: closed>closed
closed:
";

const CERTIFICATE_ACTS: &str = "certificate_issued renewed rechecked replaced reissued corrected \
                                suspended resumed lapsed revoked cancelled taken_over \
                                change_proposed proposal_declined review_extended";

const CERTIFICATE_STATES: &str = "
valid: certificate_issued!already_exists renewed>valid rechecked>valid replaced>valid \
    reissued>valid corrected!not_proposed suspended>suspended resumed!not_suspended lapsed>lapsed \
    revoked!not_proposed cancelled!not_proposed \
    change_proposed>valid proposal_declined!not_proposed review_extended!certificate_ended
proposed: certificate_issued!already_exists renewed!proposal_open rechecked!proposal_open \
    replaced!proposal_open reissued!proposal_open corrected!not_proposed suspended>suspended \
    resumed!not_suspended lapsed>lapsed revoked>revoked cancelled!not_proposed \
    change_proposed!proposal_open proposal_declined>valid review_extended!certificate_ended
suspended: certificate_issued!already_exists renewed>suspended rechecked>suspended \
    replaced>suspended reissued>suspended corrected!not_proposed suspended!already_suspended \
    resumed>valid lapsed>lapsed revoked!not_proposed cancelled!not_proposed \
    change_proposed>suspended proposal_declined!not_proposed review_extended!certificate_suspended
lapsed: certificate_issued!already_exists renewed>valid rechecked!certificate_ended \
    replaced!certificate_ended reissued!certificate_ended corrected!certificate_ended \
    suspended!certificate_ended resumed!certificate_ended lapsed!certificate_ended \
    revoked!not_proposed cancelled!not_proposed taken_over!certificate_ended \
    change_proposed>lapsed proposal_declined!not_proposed review_extended!certificate_ended
revoked: certificate_issued!already_exists renewed!certificate_ended rechecked!certificate_ended \
    replaced!certificate_ended reissued!certificate_ended corrected!certificate_ended \
    suspended!certificate_ended resumed!certificate_ended lapsed!certificate_ended \
    revoked!certificate_ended cancelled!not_proposed taken_over!certificate_ended \
    change_proposed!certificate_ended proposal_declined!not_proposed review_extended!certificate_ended
cancelled: certificate_issued!already_exists renewed!certificate_ended rechecked!certificate_ended \
    replaced!certificate_ended reissued!certificate_ended corrected!certificate_ended \
    suspended!certificate_ended resumed!certificate_ended lapsed!certificate_ended \
    revoked!certificate_ended cancelled!certificate_ended taken_over!certificate_ended \
    change_proposed!certificate_ended proposal_declined!not_proposed review_extended!certificate_ended
";

const BATCH_STATES: &str = "
proposed: batch_released>released taken_over!batch_not_released batch_closed!batch_not_released
released: taken_over>released batch_closed>differing
last_but_one: taken_over>complete
complete: taken_over!batch_full
differing: taken_over>complete difference_kept>complete
kept: taken_over!batch_full
";

const OFFICE_STATES: &str = "
entered: office_entered!already_exists office_authorised>entered office_suspended>suspended \
    office_resumed!not_suspended
suspended: office_entered!already_exists office_authorised>suspended \
    office_suspended!already_suspended office_resumed>entered
";

pub type Row<'a> = BTreeMap<&'a str, &'a str>;

/// The table: state, then act, then `>state` or `!code`.
pub fn table(text: &str) -> BTreeMap<&str, Row<'_>> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (state, arrows) = line.split_once(':').expect("a state");
            let row = arrows.split_whitespace().map(|cell| {
                let at = cell.find(['>', '!']).expect("an act and what follows");
                cell.split_at(at)
            });
            (state, row.collect())
        })
        .collect()
}

pub fn said(result: Result<&'static str, Refusal>) -> String {
    match result {
        Ok(word) => format!(">{word}"),
        Err(refusal) => format!("!{}", refusal.code()),
    }
}

/// Compares one state's line with what happens to each act.
pub fn compare(table: &BTreeMap<&str, Row<'_>>, state: &str, act: &Act, found: &str) {
    let row = table.get(state).expect("the state has a line");
    let wanted = row.get(act.kind()).copied().unwrap_or("!wrong_state");
    assert_eq!(found, wanted, "{} in {state}", act.kind());
}

pub fn names_no_act_that_does_not_exist(table: &BTreeMap<&str, Row<'_>>) {
    let all = every(EXAM, &acts::grant(EXAM));
    for (state, row) in table {
        for act in row.keys() {
            assert!(all.iter().any(|a| a.kind() == *act), "{act} in {state}");
        }
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn stories() -> Vec<(&'static str, Story)> {
    let new = || Story::of(Kind::Initial, EXAM);
    let asked = Act::ScoreRecheckAsked {
        part: Part::Theory,
        reason: String::new(),
    };
    let returned = Act::Returned {
        missing: vec!["身份证复印件".into(), "学历证明".into()],
    };
    let returned = new().reported().then(returned);
    let deemed = {
        let mut story = new().reported();
        let tried = story.tries(Act::DeemedAccepted, duty(&Act::DeemedAccepted), WAITED);
        story.case = tried.expect("silence").0;
        story
    };
    let issued = new().issued();
    vec![
        ("registered", new()),
        ("examined", new().sat(90, 80)),
        ("passed", new().confirmed(90, 80)),
        ("rechecking", new().confirmed(90, 80).then(asked)),
        ("not_passed", new().confirmed(90, 79)),
        ("reported", new().reported()),
        ("returned", returned.clone()),
        (
            "resubmitted",
            returned.then(Act::Resubmitted {
                materials: vec![],
                answers: vec![],
            }),
        ),
        ("refused", new().reported().then(Act::Refused(ground()))),
        ("accepted", new().accepted()),
        ("deemed", deemed),
        ("reviewed", new().reviewed()),
        (
            "heard",
            new().accepted().then(acts::hearing(date(2026, 12, 1))),
        ),
        (
            "heard_late",
            new().reviewed().then(acts::hearing(date(2026, 12, 1))),
        ),
        ("extended", new().accepted().then(acts::extended(1))),
        ("rejected", new().reviewed().then(Act::Rejected(ground()))),
        ("approved", new().reviewed().then(Act::Approved)),
        ("made", new().made()),
        ("issued", issued.clone()),
        ("printed", issued.clone().then(Act::Printed)),
        (
            "delivered",
            issued.then(Act::Printed).then(acts::delivered()),
        ),
        ("offered", new().reported().then(acts::offered(None))),
        ("withheld", new().made().then(Act::Withheld(ground()))),
        (
            "withheld_card",
            new().issued().then(Act::Withheld(ground())),
        ),
        ("annulled", {
            let withheld = new().made().then(Act::Withheld(ground()));
            let day = legal_day(later(withheld.case.last, 1));
            let ground = acts::listed("annulled", "not_eligible", day);
            withheld.then(Act::Annulled(ground))
        }),
        ("closed", new().confirmed(70, 0).then(Act::Closed)),
    ]
}

#[test]
fn a_case() {
    let table = table(CASE);
    names_no_act_that_does_not_exist(&table);
    let stories = stories();
    assert_eq!(stories.len(), table.len());
    for (state, story) in stories {
        let day = legal_day(later(story.case.last, WAITED));
        for act in every(day, &acts::grant(day)) {
            let tried = story.tries(act.clone(), duty(&act), WAITED);
            // A case asked for its second registration is a record that exists.
            let found = said(tried.map(|(case, _)| case.state.word()));
            compare(&table, state, &act, &found);
        }
    }
}

/// Which certificate act ends which kind of case, and which kinds need no exam.
#[test]
fn the_kinds_of_case() {
    for (kind, exam, ends) in [
        (Kind::Initial, true, "certificate_issued"),
        (Kind::Recheck, true, "rechecked"),
        (Kind::Renewal, true, "certificate_issued renewed"),
        (Kind::Replacement, false, "replaced"),
        (Kind::Reissue, false, "reissued"),
    ] {
        let story = Story::of(kind, date(2026, 5, 18));
        let report = Act::Reported { materials: vec![] };
        let straight = story.tries(report.clone(), duty(&report), 1).err();
        let wanted = exam.then_some(Refusal::WrongState);
        assert_eq!(straight, wanted, "{kind:?} without an exam");
        let reported = if exam {
            story.reported()
        } else {
            story.then(report)
        };
        let made = reported.then(Act::Accepted).then(Act::Reviewed);
        let made = made.then(Act::Approved).then(acts::made());
        let day = legal_day(later(made.case.last, 1));
        let grants = "certificate_issued renewed rechecked replaced reissued";
        for act in acts::some(day, &acts::grant(day), grants) {
            let allowed = ends.split(' ').any(|end| end == act.kind());
            let tried = made.tries(act.clone(), duty(&act), 1).err();
            let wanted = (!allowed).then_some(Refusal::CertificateDiffers);
            assert_eq!(tried, wanted, "{kind:?} {}", act.kind());
        }
    }
}

/// Issued under R30, with a recheck that fell due eleven days before the acts are tried.
fn certificate() -> (Certificate, Timestamp) {
    let day = date(2023, 5, 10);
    let act = Act::CertificateIssued(acts::grant(day));
    let begun = Certificate::begun(&event(act, acts::CASE, at(day)));
    (begun.expect("a certificate"), at(date(2026, 5, 20)))
}

pub fn event(act: Act, about: u64, at: Timestamp) -> Event {
    Event {
        at,
        by: duty(&act),
        law: law::on(legal_day(at)).name,
        record: record(about),
        act,
    }
}

#[test]
fn a_certificate() {
    let table = table(CERTIFICATE_STATES);
    names_no_act_that_does_not_exist(&table);
    let (valid, now) = certificate();
    let day = legal_day(now);
    let after = |act: Act| changed(&valid, act, day);
    let states = [
        ("valid", Ok(valid.clone())),
        ("suspended", after(Act::Suspended(ground()))),
        ("lapsed", after(Act::Lapsed)),
        ("proposed", after(acts::proposed(acts::revoked(day)))),
        ("revoked", after(acts::revoked(day))),
        ("cancelled", after(acts::cancelled(day))),
    ];
    assert_eq!(states.len(), table.len());
    for (state, certificate) in states {
        let certificate = certificate.expect(state);
        for act in every(day, &certificate.says) {
            let act = match act {
                // Done: no further recheck lies within the term and before they end.
                Act::Rechecked(mut grant) => {
                    grant.recheck_due = None;
                    Act::Rechecked(grant)
                }
                other => other,
            };
            let found = certificate
                .clone()
                .after(&event(act.clone(), CERTIFICATE, now));
            let found = found.map(|c| c.status.word());
            if CERTIFICATE_ACTS.split_whitespace().any(|a| a == act.kind()) {
                compare(&table, state, &act, &said(found));
            } else {
                assert!(found.is_err(), "{} in {state}", act.kind());
            }
        }
    }
}

#[test]
fn a_batch() {
    let table = table(BATCH_STATES);
    names_no_act_that_does_not_exist(&table);
    let day = date(2026, 11, 2);
    let says = acts::grant(day);
    let one = |kind: &str| acts::some(day, &says, kind).remove(0);
    let batch = Batch::begun(&event(one("batch_proposed"), BATCH, at(day))).expect("a batch");
    let after = |batch: &Batch, act: Act| batch.clone().after(&event(act, BATCH, at(day)));
    let released = after(&batch, Act::BatchReleased).expect("released");
    let one_left = after(&released, one("taken_over")).expect("one of two");
    let complete = after(&one_left, one("taken_over")).expect("two of two");
    let differing = after(&released, one("batch_closed")).expect("both accounted for");
    let kept = after(&differing, one("difference_kept")).expect("decided");
    for (state, batch) in [
        ("proposed", batch),
        ("released", released),
        ("last_but_one", one_left),
        ("complete", complete),
        ("differing", differing),
        ("kept", kept),
    ] {
        for act in every(day, &says) {
            let found = after(&batch, act.clone()).map(|b| b.word());
            if matches!(
                act.kind(),
                "batch_released" | "taken_over" | "batch_closed" | "difference_kept"
            ) {
                compare(&table, state, &act, &said(found));
            } else {
                assert!(found.is_err(), "{} in {state}", act.kind());
            }
        }
    }
}

#[test]
fn an_office() {
    let table = table(OFFICE_STATES);
    names_no_act_that_does_not_exist(&table);
    let day = date(2026, 11, 2);
    let entered = Act::OfficeEntered(acts::office(OfficeKind::Institution));
    let entered = Record::begun(record(7), &event(entered, 7, at(day))).expect("an office");
    let suspended = Act::OfficeSuspended(ground());
    let suspended = entered.clone().after(&event(suspended, 7, at(day)));
    for (state, office) in [
        ("entered", entered),
        ("suspended", suspended.expect("suspended")),
    ] {
        for act in every(day, &acts::grant(day)) {
            let found = office.clone().after(&event(act.clone(), 7, at(day)));
            let word = found.map(|record| match record {
                Record::Office(office) => office.word(),
                _ => "another record",
            });
            compare(&table, state, &act, &said(word));
        }
    }
}

/// Each act begins one kind of record, or none.
#[test]
fn a_beginning() {
    let day = date(2026, 11, 2);
    for act in every(day, &acts::grant(day)) {
        // The certificate of a grant and of a take-over is the second record of its event.
        let id = match &act {
            Act::TakenOver(_) => CERTIFICATE,
            act if act.grant().is_some() => CERTIFICATE,
            _ => acts::CASE,
        };
        let about = match &act {
            Act::TakenOver(_) => CERTIFICATE,
            _ => acts::CASE,
        };
        let found = Record::begun(record(id), &event(act.clone(), about, at(day)));
        let word = found.as_ref().map(|record| match record {
            Record::Office(_) => "office",
            Record::Account(_) => "account",
            Record::Session(_) => "session",
            Record::Sheet(_) => "sheet",
            Record::Case(_) => "case",
            Record::Certificate(_) => "certificate",
            Record::Batch(_) => "batch",
            Record::Halt(_) => "halt",
            Record::Inquiry(_) => "inquiry",
            Record::Publication(_) => "publication",
        });
        let wanted = match act.kind() {
            "office_entered" => Ok("office"),
            "account_opened" => Ok("account"),
            "session_opened" | "session_planned" => Ok("session"),
            "sheet_imported" => Ok("sheet"),
            "registered" => Ok("case"),
            "certificate_issued" | "taken_over" => Ok("certificate"),
            "batch_proposed" => Ok("batch"),
            "feed_held" => Ok("halt"),
            "inquiry_asked" => Ok("inquiry"),
            "publication_proposed" => Ok("publication"),
            "renewed" | "rechecked" | "replaced" | "reissued" => Err(Refusal::NoFormerCertificate),
            _ => Err(Refusal::Unknown),
        };
        assert_eq!(word.map_err(|e| *e), wanted, "{}", act.kind());
    }
}
