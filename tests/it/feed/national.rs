//! Beside a certificate of a province stands whether the nation has it yet.

use kecha::registry::{Around, National};

use super::{Pair, Sample, document_and_name, now};

fn national(pair: &Pair, sample: &Sample, feeds_a_nation: bool) -> Vec<National> {
    let around = Around {
        feeds_a_nation,
        ..Around::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let query = document_and_name(sample);
    let asked = pair.province.ask_around(&query, now(), &around);
    runtime.block_on(asked).expect("an answer").national
}

#[test]
fn a_province_says_what_the_nation_has() {
    let pair = Pair::new();
    let find = |name| {
        let mut samples = pair.tour.samples.iter();
        samples
            .find(|s| s.situation == name)
            .expect("a sample")
            .clone()
    };
    let [old, new, running] = ["taken_over", "certificate_just_issued", "accepted"].map(find);
    let entries = pair.province.entries().expect("read");
    for sample in [&old, &new] {
        let before = national(&pair, sample, true);
        assert_eq!(before.len(), 1, "{}", sample.situation);
        assert!(!before[0].queryable && before[0].nation_entries == 0);
        assert!(before[0].entry.is_some_and(|entry| entry < entries));
        assert!(before[0].recorded_on.is_some());
    }
    let [first, last] = [&old, &new].map(|s| national(&pair, s, true)[0].entry);
    assert!(first < last);
    assert_eq!(national(&pair, &running, true), []);
    assert_eq!(national(&pair, &new, false), [], "it feeds nobody");

    // The nation has all but the entry about the one, then that, too.
    let size = last.expect("an entry");
    let page = pair.page(0, u16::try_from(size).expect("few"));
    let answer = pair.follow(&page);
    let witness = pair.nation.witness_key();
    let kept = pair.province.acknowledge(&answer, witness, now());
    assert_eq!(kept.expect("kept"), None);
    let [there, waits] = [&old, &new].map(|s| national(&pair, s, true)[0]);
    assert!(there.queryable && there.entry.is_none() && there.nation_entries == size);
    assert!(!waits.queryable && waits.entry == last && waits.nation_entries == size);
    pair.flows(500);
    for sample in [&old, &new] {
        let now = national(&pair, sample, true)[0];
        assert!(now.queryable && now.nation_entries == entries, "{now:?}");
    }
}
