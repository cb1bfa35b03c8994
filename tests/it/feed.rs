//! The feed between two registers, without a network: what the nation has is what the province
//! recorded, and nothing that a province's database claims beyond the law.

mod duty;
mod history;
mod national;

use std::sync::Arc;

use domain::{
    document::{DocType, Document},
    event::{Act, Event},
    law::Ground,
    name::Name,
    office::Role,
    person::Person,
    verdict::{Answer, Note, Verdict},
};
use jiff::Timestamp;
use kecha::{
    clock,
    demo::{self, Sample, Tour},
    node::Node,
    registry::{Followed, Hold, Page, Province, Query, Registry, Sent},
};
use tempfile::TempDir;
use tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    frontier::Frontier,
    hash::{Hash, commitment},
    note::Signer,
};

use crate::office;

/// A province with its people, and an empty nation that follows it.
struct Pair {
    province: Arc<Registry>,
    nation: Arc<Registry>,
    tour: Tour,
    follows: Province,
    folders: [TempDir; 2],
}

fn now() -> Timestamp {
    clock::now()
}

impl Pair {
    fn new() -> Self {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let (province, tour) =
            demo::open_or_make(folders[0].path(), 60, 11, &mut |_, _| {}).expect("made");
        let nation = Node::init_demo(folders[1].path(), None).expect("made");
        let key = province.registry.log_key().parse().expect("a key");
        let follows = nation.registry.follow_province("91", key).expect("entered");
        Self {
            province: Arc::new(province.registry),
            nation: Arc::new(nation.registry),
            tour,
            follows,
            folders,
        }
    }

    fn page(&self, from: u64, most: u16) -> Page {
        let page = self.province.page(from, most).expect("read");
        page.expect("there are entries")
    }

    fn follow(&self, page: &Page) -> Followed {
        self.nation
            .follow(&self.follows, page, now())
            .expect("answered")
    }

    /// Sends everything, in pages of so many.
    fn flows(&self, most: u16) -> u64 {
        let mut at = 0;
        while let Some(page) = self.province.page(at, most).expect("read") {
            let answer = self.follow(&page);
            assert_eq!(answer.hold, None);
            let held = self
                .province
                .acknowledge(&answer, self.nation.witness_key(), now());
            assert_eq!(held.expect("kept"), None);
            at = answer.entries;
        }
        at
    }
}

/// The question of a sample, without its ticket.
fn document_and_name(sample: &Sample) -> Query {
    Query {
        category: sample.category,
        document: Document::parse(DocType::ResidentId, &sample.doc_number).expect("a number"),
        name: Name::parse(&sample.name).expect("a name"),
        ticket: None,
    }
}

fn ask(registry: &Arc<Registry>, sample: &Sample, ticket: bool) -> Answer {
    let query = Query {
        ticket: sample.ticket.clone().filter(|_| ticket),
        ..document_and_name(sample)
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime
        .block_on(registry.ask(&query, now()))
        .expect("an answer")
}

#[test]
fn the_nation_answers_what_the_province_answers() {
    let pair = Pair::new();
    let entries = pair.flows(97);
    assert_eq!(
        Ok(entries),
        pair.province.entries().map_err(|e| e.to_string())
    );
    for sample in &pair.tour.samples {
        for ticket in [false, true] {
            let (here, there) = (
                ask(&pair.province, sample, ticket),
                ask(&pair.nation, sample, ticket),
            );
            assert_eq!(here, there, "{}", sample.situation);
            assert_eq!(there.verdict, sample.verdict, "{}", sample.situation);
        }
    }
    // An inquiry is followed at either, and asked back where it was asked.
    for inquiry in &pair.tour.inquiries {
        let reference = inquiry.reference.parse().expect("a reference");
        let passcode = inquiry.passcode.parse().expect("a passcode");
        let [here, there] = [&pair.province, &pair.nation].map(|node| {
            let tracked = node.track(reference, Some(passcode));
            tracked.expect("asked").expect("an inquiry")
        });
        assert!(here.proved && here.own && there.proved && !there.own);
        assert_eq!((here.steps(), here.due), (there.steps(), there.due));
    }
    let marks = pair.nation.watermarks().expect("read");
    assert_eq!(
        (marks.len(), marks[0].entries, marks[0].quarantined),
        (1, entries, 0)
    );
    assert!(marks[0].hold.is_none() && marks[0].complete_to > Timestamp::UNIX_EPOCH);
    let (size, _) = pair
        .province
        .acknowledged()
        .expect("read")
        .expect("cosigned");
    assert_eq!(size, entries);
}

/// A correction moves a certificate on every node: no copy keeps it under the wrong name, and the
/// case goes on where its certificate went.
/// Who comes late takes all of it in one page; made again from the journals nothing differs.
fn comes_again_from_the_journals(pair: &Pair, entries: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let late = Node::init_demo(folder.path(), None).expect("made").registry;
    let key = pair.province.log_key().parse().expect("a key");
    let follows = late.follow_province("91", key).expect("entered");
    let answer = late.follow(&follows, &pair.page(0, 10_000), now());
    let answer = answer.expect("answered");
    assert_eq!((answer.entries, answer.hold), (entries, None));
    for registry in [&*pair.province, &*pair.nation, &late] {
        let rebuilt = registry.rebuild(&folder.path().join("aside.db"), &mut |_, _| {});
        let rebuilt = rebuilt.expect("rebuilt");
        assert_eq!((rebuilt.written, rebuilt.left), (Vec::new(), Vec::new()));
    }
}

#[test]
fn a_correction_reaches_the_nation() {
    let pair = Pair::new();
    pair.flows(97);
    let mut samples = pair.tour.samples.iter();
    let wrong = samples.find(|s| s.situation == "certificate_and_case");
    let wrong = wrong.expect("a sample");
    let right = Sample {
        name: "示例改".to_owned(),
        ..wrong.clone()
    };
    let officers = pair.province.accounts().expect("accounts");
    let approver = officers.iter().find(|o| o.roles.contains(&Role::Approver));
    let approver = approver.expect("an approver");
    let document = Document::parse(DocType::ResidentId, &wrong.doc_number).expect("a number");
    let [old, new] = [wrong, &right].map(|s| Name::parse(&s.name).expect("a name"));
    let held = pair.province.certificates_of(approver, &document, &old);
    let says = held.expect("asked").remove(0).says;
    let act = Act::Corrected {
        holder: Box::new(Person {
            name: new,
            ..says.holder
        }),
        number: says.number,
        evidence: "档案".to_owned(),
        sha256: String::new(),
    };
    let reviewer = officers.iter().find(|o| o.roles.contains(&Role::Reviewer));
    let both = (reviewer.expect("a reviewer"), approver);
    let done = office::changes(&pair.province, says.certificate, act, both, now());
    done.expect("a correction");
    let suspended = Act::Suspended(Ground::new("行政处罚法", "调查期间暂扣"));
    let done = pair
        .province
        .change_certificate(says.certificate, suspended, approver, now());
    done.expect("a suspension");
    let entries = pair.flows(97);
    comes_again_from_the_journals(&pair, entries);
    for (sample, verdict) in [(wrong, Verdict::InProgress), (&right, Verdict::Found)] {
        for ticket in [false, true] {
            let here = ask(&pair.province, sample, ticket);
            assert_eq!(
                here.verdict, verdict,
                "the other item's case keeps its name"
            );
            assert_eq!(here, ask(&pair.nation, sample, ticket));
        }
    }
    let marks = pair.nation.watermarks().expect("read");
    assert_eq!((marks[0].entries, marks[0].quarantined), (entries, 0));
}

#[test]
fn a_page_twice_late_or_in_pieces_changes_nothing() {
    let pair = Pair::new();
    let (first, second) = (pair.page(0, 50), pair.page(50, 50));
    assert_eq!(
        pair.follow(&second).entries,
        0,
        "what is between is missing"
    );
    assert_eq!(pair.follow(&first).entries, 50);
    let again = pair.follow(&first);
    assert_eq!((again.entries, again.hold), (50, None));
    assert_eq!(pair.follow(&second).entries, 100);
    let late = pair.follow(&first);
    assert_eq!((late.entries, late.hold), (100, None), "an old page, late");
    // It begins before what is here and ends after it.
    let both = pair.follow(&pair.page(80, 40));
    assert_eq!((both.entries, both.hold), (120, None));
    let entries = pair.flows(500);
    let answers = pair.tour.samples.iter().map(|s| ask(&pair.nation, s, true));
    assert!(
        answers
            .zip(&pair.tour.samples)
            .all(|(a, s)| a.verdict == s.verdict)
    );
    assert_eq!(pair.nation.watermarks().expect("read")[0].entries, entries);
}

/// What somebody does to a page on its way, and what is said of it.
#[test]
fn broken_mathematics_puts_the_feed_on_hold_and_nothing_is_applied() {
    type Harm = (&'static str, Hold, fn(&mut Page, &Pair));
    let harms: [Harm; 5] = [
        ("a changed event", Hold::Fork, |page, _| {
            let at = page.entries[3].event.len() - 2;
            page.entries[3].event[at] ^= 1;
        }),
        ("another salt", Hold::Fork, |page, _| {
            page.entries[0].salt[0] ^= 1
        }),
        ("two entries exchanged", Hold::Fork, |page, _| {
            page.entries.swap(1, 2)
        }),
        ("an entry left out", Hold::Signature, |page, _| {
            drop(page.entries.remove(5))
        }),
        (
            "a checkpoint of another key",
            Hold::Signature,
            |page, pair| {
                let other = Signer::new(pair.follows.key.name(), &[9; 32]).expect("a key");
                let said = SignedCheckpoint::parse(page.checkpoint.as_bytes()).expect("a note");
                let forged = SignedCheckpoint::sign(said.claimed().clone(), &other);
                page.checkpoint = forged.expect("signed").to_string();
            },
        ),
    ];
    for (what, hold, harm) in harms {
        let pair = Pair::new();
        assert_eq!(pair.follow(&pair.page(0, 40)).entries, 40);
        let mut page = pair.page(40, 40);
        harm(&mut page, &pair);
        let answer = pair.follow(&page);
        assert_eq!((answer.entries, answer.hold), (40, Some(hold)), "{what}");
        // It stays so, whatever comes: a person decides.
        let later = pair.follow(&pair.page(40, 40));
        assert_eq!((later.entries, later.hold), (40, Some(hold)), "{what}");
        let mark = &pair.nation.watermarks().expect("read")[0];
        assert_eq!(mark.hold.map(|(hold, _)| hold), Some(hold), "{what}");
    }
}

#[test]
fn a_step_back_on_either_side_is_seen_by_the_other() {
    let pair = Pair::new();
    let size = pair.flows(200);
    // The province's head of now continues what the nation has.
    let head = pair.province.signed_head(size).expect("signed");
    let answer = pair
        .nation
        .follow_head(&pair.follows, &head, now())
        .expect("answered");
    assert_eq!(answer.hold, None);
    // A head that was on its way for long has fewer entries, too.
    let mut short = head.clone();
    short.checkpoint = pair.page(0, 10).checkpoint;
    short.since = 0;
    short.proof.clear();
    let answer = pair
        .nation
        .follow_head(&pair.follows, &short, now())
        .expect("answered");
    assert_eq!((answer.entries, answer.hold), (size, None));
    // A province that was restored signs fewer entries though it knows how many there were.
    short.since = size;
    let answer = pair
        .nation
        .follow_head(&pair.follows, &short, now())
        .expect("answered");
    assert_eq!(answer.hold, Some(Hold::ProvinceRolledBack));
    // The nation shows what the province had signed: whoever has that many entries has lost none.
    let held = pair
        .province
        .acknowledge(&answer, pair.nation.witness_key(), now());
    assert_eq!(held.expect("looked at"), Some(Hold::ProvinceRolledBack));

    // A nation that was restored has less than it cosigned.
    let pair = Pair::new();
    pair.flows(200);
    let (_, cosigned) = pair
        .province
        .acknowledged()
        .expect("read")
        .expect("cosigned");
    let folder = tempfile::tempdir().expect("a folder");
    let empty = Node::init_demo(folder.path(), None).expect("made").registry;
    let stranger = empty
        .follow_province("91", pair.follows.key.clone())
        .expect("entered");
    let answer = empty
        .follow_witness(&stranger, &cosigned, now())
        .expect("answered");
    assert_eq!(
        answer.hold, None,
        "another node's cosignature is no witness against this one"
    );
    let old = pair
        .nation
        .follow_witness(&pair.follows, &cosigned, now())
        .expect("answered");
    assert_eq!(old.hold, None, "it has all it cosigned");
}

/// A province whose own key signs a journal that breaks the law.
struct Crooked {
    pair: Pair,
    key: Signer,
    follows: Province,
    frontier: Frontier,
}

impl Crooked {
    fn new() -> Self {
        let pair = Pair::new();
        let key = Signer::new("crooked.example/log", &[7; 32]).expect("a key");
        let follows = pair
            .nation
            .follow_province("92", key.public().clone())
            .expect("entered");
        let frontier = Frontier::new();
        Self {
            pair,
            key,
            follows,
            frontier,
        }
    }

    fn sends(&mut self, events: Vec<Vec<u8>>) -> Followed {
        let from = self.frontier.size();
        let entries: Vec<Sent> = events
            .into_iter()
            .map(|event| Sent {
                salt: [5; 16],
                event,
            })
            .collect();
        for entry in &entries {
            let leaf = Hash::leaf(&commitment(&entry.salt, &entry.event));
            self.frontier.append(leaf).expect("room");
        }
        let end = Checkpoint::new(
            "crooked.example/log",
            self.frontier.size(),
            self.frontier.root(),
        );
        let signed = SignedCheckpoint::sign(end.expect("a checkpoint"), &self.key);
        let page = Page {
            from,
            entries,
            checkpoint: signed.expect("signed").to_string(),
            is_last: true,
            within: None,
        };
        self.pair
            .nation
            .follow(&self.follows, &page, now())
            .expect("answered")
    }

    fn honest(&self) -> Vec<Event> {
        let page = self.pair.page(0, 5_000);
        page.entries
            .iter()
            .map(|e| Event::from_bytes(&e.event).expect("an event"))
            .collect()
    }
}

#[test]
fn what_breaks_the_law_is_quarantined_and_the_rest_flows_on() {
    let mut crooked = Crooked::new();
    let sample = crooked
        .pair
        .tour
        .samples
        .iter()
        .find(|s| s.situation == "certificate_valid");
    let sample = sample.expect("there is one").clone();
    let ours = Document::parse(DocType::ResidentId, &sample.doc_number).expect("a number");
    let honest = crooked.honest();
    let case = honest.iter().find_map(|e| match &e.act {
        Act::Registered(r) if r.person.document == ours => Some(e.record),
        _ => None,
    });
    let case = case.expect("registered");
    // The approver's name is put where the reviewer's was: both decisions by one officer.
    let events = honest.iter().map(|e| {
        let mut e = e.clone();
        if e.record == case && matches!(e.act, Act::Approved) {
            e.by.officer = "review".into();
        }
        e.to_bytes()
    });
    let answer = crooked.sends(events.collect());
    assert_eq!((answer.hold, answer.entries), (None, honest.len() as u64));
    let mark = crooked.pair.nation.watermarks().expect("read").remove(1);
    // The approval, and all that followed on it: making, issue, printing, delivery.
    assert_eq!((mark.code.as_str(), mark.quarantined), ("92", 5));
    // Made again from the journals, the copies are the same, and what was held back stays so.
    let aside = crooked.pair.folders[1].path().join("aside.db");
    let rebuilt = crooked.pair.nation.rebuild(&aside, &mut |_, _| {});
    let rebuilt = rebuilt.expect("rebuilt");
    assert_eq!((rebuilt.written, rebuilt.left), (Vec::new(), Vec::new()));
    assert_eq!(rebuilt.entries.unsigned_abs(), mark.entries);
    let answer = ask(&crooked.pair.nation, &sample, false);
    assert_eq!(answer.verdict, Verdict::InProgress);
    assert_eq!(answer.progress[0].note, Some(Note::UnderVerification));
    for other in &crooked.pair.tour.samples {
        if other.situation != sample.situation {
            let answer = ask(&crooked.pair.nation, other, false);
            assert_eq!(answer.verdict, other.verdict, "{}", other.situation);
        }
    }
}

#[test]
fn a_certificate_slipped_in_without_an_exam_is_never_shown() {
    let mut crooked = Crooked::new();
    let honest = crooked.honest();
    let issued = honest
        .iter()
        .find(|e| matches!(e.act, Act::CertificateIssued(_)));
    let alone = issued.expect("there is one").to_bytes();
    let offices = honest.iter().take(3).map(Event::to_bytes);
    let events: Vec<_> = offices
        .chain([alone, b"{\"no\":\"event\"}".to_vec()])
        .collect();
    let answer = crooked.sends(events);
    assert_eq!((answer.hold, answer.entries), (None, 5));
    let mark = crooked.pair.nation.watermarks().expect("read").remove(1);
    assert_eq!(mark.quarantined, 2);
    for sample in &crooked.pair.tour.samples {
        assert_eq!(
            ask(&crooked.pair.nation, sample, true).verdict,
            Verdict::NotFound
        );
    }
}
