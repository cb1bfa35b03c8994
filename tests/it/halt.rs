//! What stands still, and the way back: a node that was set back takes nothing in and goes on
//! answering, both consoles say so, and a person with a ground lets it go on.

mod nation;
mod story;

use domain::{hold::Hold, refusal::Refusal};
use kecha::{
    clock,
    registry::{Error, Followed, SetAside},
};
use tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    hash::Hash,
    note::Signer,
};

use crate::{
    house::{House, on_both},
    office::{Person, WELDING, sheet},
};

const ORIGIN: &str = "kecha.example/log";
const GROUND: &str = "硬盘损坏，已用昨夜备份恢复并核对";

/// What the nation answers a province whose journal it knows further than the province has it.
fn remembers(house: &House, entries: u64) -> Followed {
    let key = Signer::new(ORIGIN, house.keys().log_seed()).expect("a key");
    let end = Checkpoint::new(ORIGIN, entries, Hash::leaf(b"lost")).expect("a checkpoint");
    let note = SignedCheckpoint::sign(end, &key).expect("signed");
    Followed {
        entries,
        cosigned: note.to_string(),
        hold: Some(Hold::ProvinceRolledBack),
        again: None,
        quarantined: Vec::new(),
    }
}

/// The nation's answer as it comes over the line.
fn hears(house: &House, answer: &Followed) -> Option<Hold> {
    let sent = serde_json::to_string(answer).expect("written");
    let read = serde_json::from_str(&sent).expect("read");
    let registry = house.registry();
    let held = registry.acknowledge(&read, registry.witness_key(), clock::now());
    held.expect("taken")
}

on_both! {
    /// Its own signature on more entries than it has: nothing is written, everything is answered.
    fn a_node_that_was_set_back_takes_nothing_in_and_goes_on_answering(house: &House) {
        let wang = Person::new("王一", 1);
        let (today, banner) = (clock::today(), "暂停登记；查询照常进行");
        house.on(today).imports(&sheet(&[wang.line(WELDING, "初领", today, "90", "90")]), false);
        let (mut visitor, mut clerk) = (house.visitor(), house.browser("clerk"));
        assert!(!visitor.get("/query").text.contains(banner));
        let before = house.registry().entries().expect("counted");
        assert_eq!(hears(house, &remembers(house, 1_000)), Some(Hold::ProvinceRolledBack));

        // Whoever looks is answered, under a banner.
        for path in ["/", "/query", "/feeds", "/login", "/no-such-page"] {
            let page = visitor.get(path);
            assert!(page.text.contains(banner), "{path}: {}", page.text);
            assert!(!page.text.contains("需要处理"), "an alarm is for those who are signed in");
        }
        let checkpoint = visitor.get("/log/checkpoint");
        assert_eq!(checkpoint.status, 200);
        let told = house.on(today).asks(&wang, None);
        assert_eq!(told.verdict, domain::verdict::Verdict::InProgress);
        assert_eq!(clerk.get("/console/cases").status, 200);
        // Signing in is no entry of the journal: whoever decides must be able to.
        let mut keeper = house.browser("keeper");

        // Whoever writes is told why not.
        let li = Person::new("李二", 2);
        let file = sheet(&[li.line(WELDING, "初领", today, "91", "91")]);
        let refused = clerk.upload("/console/import", &file);
        assert_eq!(refused.status, 503, "{}", refused.text);
        let sentence = "登记库正在核查，暂停登记，查询不受影响";
        assert!(refused.text.contains(sentence), "{}", refused.text);
        let jobs = house.registry().deem_accepted(clock::now());
        assert!(matches!(jobs, Err(Error::StandsStill)));
        assert_eq!(house.registry().entries().expect("counted"), before);

        // Every page of a console says it; the way to the decision is shown to those who have one.
        let page = clerk.get("/console");
        assert!(page.text.contains("停止登记") && page.text.contains("请告知系统管理员"));
        assert!(!page.text.contains("/console/feeds"));
        let page = keeper.get("/console/offices");
        assert!(page.text.contains("href=\"/console/feeds\">查看并处理"), "{}", page.text);

        // What was lost is not back: a ground alone does not help, and it stays so.
        let page = keeper.get("/console/feeds");
        assert!(page.text.contains("kecha feed recover"), "{}", page.text);
        let fields = [("province", ""), ("ground", GROUND)];
        let answer = keeper.post("/console/feeds/resume", &fields);
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("还缺少已经签过的条目"), "{}", answer.text);
        assert!(answer.text.contains(GROUND), "what was typed is not lost");
        let now = clock::now();
        let resumed = house.registry().resume_feed(None, GROUND, &house.officer("keeper"), now);
        assert!(matches!(resumed, Err(Error::Refused(Refusal::StillLost))));
        assert!(house.registry().stands_still());
        assert_eq!(house.registry().entries().expect("counted"), before);
        let mut auditor = house.browser("auditor");
        assert_eq!(auditor.get("/console/feeds").status, 200);
        assert_eq!(auditor.post("/console/feeds/resume", &fields).status, 403);
    }

    /// What the nation does not apply is named on every console page until a person has looked.
    fn the_province_learns_what_the_nation_holds_back(house: &House) {
        let mut clerk = house.browser("clerk");
        assert!(!clerk.get("/console").text.contains("需要处理"));
        let record = "0ABCDEFGHJKM";
        let aside = |entry, refusal: &str| SetAside {
            entry,
            record: record.parse().expect("a number"),
            refusal: refusal.to_owned(),
        };
        let mut answer = Followed {
            entries: 7,
            cosigned: String::new(),
            hold: None,
            again: None,
            quarantined: vec![aside(5, "second_person_required"), aside(3, "wrong_state")],
        };
        for _ in 0..2 {
            assert_eq!(hears(house, &answer), None);
        }
        let alarms = house.registry().alarms().expect("read");
        let entries: Vec<_> = alarms.unseen.iter().map(|q| q.entry).collect();
        assert_eq!((entries, alarms.unseen_count), (vec![5, 3], 2), "each once");
        let page = clerk.get("/console/sessions").text;
        let why = house.app.sentences(kecha::web::lang::Code::Zh).say("refusal-second-person-required");
        assert!(page.contains(&format!("第 5 条（记录编号 {record}）暂不采用：{why}")), "{page}");

        // The keeper looks at both and says so; a new one is told again.
        let mut keeper = house.browser("keeper");
        let page = keeper.get("/console/feeds");
        let below = page.between("name=\"below\" value=\"", "\"").expect("a form").to_owned();
        assert_eq!(below, "6");
        assert!(page.text.contains("<code>second_person_required</code>"));
        let seen = keeper.post("/console/feeds/seen", &[("province", ""), ("below", &below)]);
        assert_eq!((seen.status, seen.location()), (303, "/console/feeds"));
        assert!(!clerk.get("/console").text.contains("需要处理"));
        assert!(keeper.get("/console/feeds").text.contains("<code>wrong_state</code>"), "they stay listed");
        answer.quarantined.push(aside(6, "out_of_order"));
        hears(house, &answer);
        let page = clerk.get("/console").text;
        assert!(page.contains("第 6 条") && !page.contains("第 5 条"), "{page}");

        // The nation holds the feed, and lets it go on.
        answer.quarantined.clear();
        answer.hold = Some(Hold::Signature);
        assert_eq!(hears(house, &answer), Some(Hold::Signature));
        assert!(clerk.get("/console").text.contains("全国节点自"));
        assert!(!house.registry().stands_still(), "the province's own journal is whole");
        answer.hold = None;
        hears(house, &answer);
        assert!(!clerk.get("/console").text.contains("全国节点自"));
    }
}
