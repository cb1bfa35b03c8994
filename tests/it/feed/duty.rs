//! A province whose journal has acts of somebody who was not on duty.

use super::*;

/// A review by an officer of whom the journal knows no account. It used to be applied at the nation,
/// which then showed a certificate that its own check called unlawful.
#[test]
fn an_act_without_a_role_is_quarantined() {
    let mut crooked = Crooked::new();
    let samples = &crooked.pair.tour.samples;
    let sample = samples.iter().find(|s| s.situation == "certificate_valid");
    let sample = sample.expect("there is one").clone();
    let ours = Document::parse(DocType::ResidentId, &sample.doc_number).expect("a number");
    let honest = crooked.honest();
    let case = honest.iter().find_map(|e| match &e.act {
        Act::Registered(r) if r.person.document == ours => Some(e.record),
        _ => None,
    });
    let case = case.expect("registered");
    let events = honest.iter().map(|e| {
        let mut e = e.clone();
        if e.record == case && matches!(e.act, Act::Reviewed) {
            e.by.officer = "nobody".into();
        }
        e.to_bytes()
    });
    let answer = crooked.sends(events.collect());
    assert_eq!((answer.hold, answer.entries), (None, honest.len() as u64));
    let nation = &crooked.pair.nation;
    let mark = nation.watermarks().expect("read").remove(1);
    // The review, the approval, and all that followed on it.
    assert_eq!((mark.code.as_str(), mark.quarantined), ("92", 6));
    assert_eq!(
        ask(nation, &sample, false).verdict,
        Verdict::InProgress,
        "no certificate"
    );
    let checked = nation.check(&mut |_, _| {}).expect("a check");
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
}
