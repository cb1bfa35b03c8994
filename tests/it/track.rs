//! What was shown for a case is remembered, and compared with what then happened.

use std::sync::{Arc, RwLock};

use domain::{
    record::RecordId,
    verdict::{Kind, Stage},
};
use jiff::{
    ToSpan,
    civil::{Date, date},
};
use kecha::{
    estimate::{Answer, Question, number},
    node::Node,
    outlook::{Learner, Outlook, Sources, Where},
    registry::{Behind, Registry},
    track::{Keeper, Scorer, State},
    web::App,
};
use serde_json::Value;

use crate::{
    house::{AUTHORITY, House, noon, on_both},
    office::{Person, WELDING, sheet},
};

const MONDAY: Date = date(2026, 11, 2);

fn later(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).expect("a day")
}

/// What is expected on a day of a case whose exam was on that day.
fn expected(app: &App, day: Date) -> Arc<Answer> {
    let question = Question {
        exam: day,
        kind: Kind::Initial,
        stage: Some(Stage::Scoring),
        since: None,
        as_of: day,
        place: Vec::new(),
    };
    app.expect(&here(), question).expect("an answer")
}

fn here() -> Where {
    Where {
        authority: Some(AUTHORITY.to_owned()),
        ..Where::default()
    }
}

fn shown(app: &App, case: RecordId, day: Date) {
    let answer = expected(app, day);
    let calendar = app.registry.calendar();
    let case = (case, Stage::Scoring);
    app.track
        .shown(case, (day, calendar), &answer, || "99".to_owned());
}

/// What the job does on a day.
struct Job(Learner, Scorer);

impl Job {
    fn new(keeper: &Arc<Keeper>) -> Self {
        Self(Learner::default(), Scorer::new(Arc::clone(keeper)))
    }

    fn works(&mut self, registry: &Registry, outlook: &RwLock<Outlook>, day: Date) {
        let arrived = self.0.learn(outlook, registry, noon(day)).expect("read");
        self.1.arrive(arrived);
        self.1.step(registry, outlook, noon(day)).expect("written");
    }
}

fn record(house: &House) -> Value {
    let answer = house.visitor().get("/api/v1/track-record");
    assert_eq!(answer.status, 200);
    serde_json::from_str(&answer.text).expect("JSON")
}

on_both! {
    /// Shown on two days, on one of them twice, and issued on the Friday: two scores.
    fn a_case_is_scored_once_for_each_day_it_was_shown(house: &House) {
        let (app, wang) = (&house.app, Person::new("王一", 1));
        let mut job = Job::new(&app.track);
        job.works(&app.registry, &app.outlook, MONDAY);
        assert_eq!(record(house)["all"]["n"], 0);
        let page = house.visitor().get("/when/record");
        assert!(page.text.contains("暂无可说"), "{}", page.text);

        let lines = [wang.line(WELDING, "初领", MONDAY, "86", "91")];
        house.on(MONDAY).imports(&sheet(&lines), false);
        let case = house.on(MONDAY).case(&wang, "examined").id;
        for day in [MONDAY, later(MONDAY, 1), later(MONDAY, 1)] {
            shown(app, case, day);
            job.works(&app.registry, &app.outlook, day);
        }
        let friday = later(MONDAY, 4);
        house.on(friday).finishes(case);
        job.works(&app.registry, &app.outlook, friday);
        let told = record(house);
        assert_eq!(told["all"]["n"], 2, "{told}");
        assert_eq!(told["all"]["inside"]["80"], 1.0, "{told}");
        assert_eq!(told["months"][0]["month"], "2026-11");
        assert_eq!(told["provinces"][0]["province"], "99");
        assert_eq!(told["stages"][0]["stage"], "scoring");
        assert_eq!(told["watch"]["state"], "waiting");
        let page = house.visitor().get("/when/record");
        assert!(page.text.contains("已办结的 2 次估计"), "{}", page.text);
        // Another start reads the same from the table, and scores nothing twice.
        let keeper = Arc::new(Keeper::default());
        let outlook = RwLock::new(Outlook::new(Sources::default()));
        Job::new(&keeper).works(&app.registry, &outlook, friday);
        assert_eq!(keeper.board().all, app.track.board().all);
    }

    /// The certificate is there before its estimate was written: it counts all the same.
    fn an_end_may_be_known_before_its_estimate(house: &House) {
        let (app, wang) = (&house.app, Person::new("王一", 1));
        let mut job = Job::new(&app.track);
        let lines = [wang.line(WELDING, "初领", MONDAY, "86", "91")];
        house.on(MONDAY).imports(&sheet(&lines), false);
        let case = house.on(MONDAY).case(&wang, "examined").id;
        house.on(MONDAY).finishes(case);
        job.works(&app.registry, &app.outlook, MONDAY);
        shown(app, case, MONDAY);
        job.works(&app.registry, &app.outlook, later(MONDAY, 1));
        assert_eq!(record(house)["all"]["n"], 1);
        // What was shown after the end, by a page that was late, is no estimate.
        shown(app, case, later(MONDAY, 1));
        job.works(&app.registry, &app.outlook, later(MONDAY, 2));
        assert_eq!(record(house)["all"]["n"], 1);
    }

    /// Five hundred right estimates, and five hundred that were far too early.
    fn the_watch_is_seen_where_dates_do_not_hold(house: &House) {
        let app = &house.app;
        let calendar = app.registry.calendar();
        let mut job = Job::new(&app.track);
        job.works(&app.registry, &app.outlook, MONDAY);
        let before = expected(app, MONDAY);
        let mut chance = 0.5;
        for n in 0..500_u32 {
            let day = calendar.add_workdays(date(2026, 4, 7), n / 4).date;
            let answer = expected(app, day);
            // As probable as was said, evenly.
            chance = (chance + 0.618_033_988_75_f64).fract();
            let days = answer.whole.quantile(chance) - number(calendar, day);
            let end = calendar.add_workdays(day, days.unsigned_abs()).date;
            let case = RecordId::from_raw(1_000 + u64::from(n));
            shown(app, case, day);
            job.1.arrive(vec![(case, end.min(date(2027, 1, 4)))]);
        }
        job.works(&app.registry, &app.outlook, date(2027, 1, 5));
        let told = record(house);
        assert_eq!(told["watch"]["state"], "green", "{told}");
        assert_eq!(app.track.board().watch().state, State::Green);
        assert!(!house.browser("desk").get("/console").text.contains("见 /when/record"));

        for n in 0..500_u32 {
            let case = RecordId::from_raw(5_000 + u64::from(n));
            shown(app, case, MONDAY);
            job.1.arrive(vec![(case, later(date(2027, 3, 1), i64::from(n / 25)))]);
        }
        job.works(&app.registry, &app.outlook, date(2027, 4, 1));
        let told = record(house);
        assert_eq!(told["watch"]["state"], "red", "{told}");
        assert_eq!(told["all"]["n"], 1000);
        let page = house.visitor().get("/when/record");
        assert!(page.text.contains("watch red") && page.text.contains("红色"), "{}", page.text);
        let desk = house.browser("desk").get("/console");
        assert!(desk.text.contains("见 /when/record"), "{}", desk.text);
        // Dates that came too early are given later, and the answer says how many held.
        let after = expected(app, MONDAY);
        assert!(after.workdays.p80 > before.workdays.p80, "{:?}", after.workdays);
        assert_eq!(after.track_record, Some(0.0));
        assert_eq!(after.plain, before.plain);
    }
}

/// A batch that was written is there after the node was opened again.
#[test]
fn what_was_written_survives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::init_demo(folder.path(), None).expect("made");
    let app = App::new(node, Vec::new(), None).expect("it serves");
    let case = RecordId::from_raw(7);
    shown(&app, case, MONDAY);
    app.track.write(&app.registry).expect("written");
    drop(app);

    let node = Node::open(folder.path()).expect("opened");
    assert_eq!(node.registry.open_estimates().expect("read"), [case]);
    let app = App::new(node, Vec::new(), None).expect("it serves");
    let mut job = Job::new(&app.track);
    job.1.arrive(vec![(case, later(MONDAY, 3))]);
    job.works(&app.registry, &app.outlook, later(MONDAY, 3));
    assert_eq!(app.track.board().all.n, 1);
    assert_eq!(app.registry.open_estimates().expect("read"), []);
    let page = app.registry.ended_estimates(Behind::day(MONDAY));
    let (rows, _) = page.expect("read");
    assert_eq!((rows.len(), rows[0].ended), (1, Some(later(MONDAY, 3))));
}

/// Every value of the row, as a stranger with the file reads it.
#[test]
fn a_row_names_nobody() {
    let house = House::sqlite().expect("a house");
    let (app, wang) = (&house.app, Person::new("王一", 1));
    let lines = [wang.line(WELDING, "初领", MONDAY, "86", "91")];
    house.on(MONDAY).imports(&sheet(&lines), false);
    let case = house.on(MONDAY).case(&wang, "examined");
    // By the door that pages use: today's, whenever that is.
    let answer = expected(app, MONDAY);
    app.shown(case.id, Stage::Scoring, &here(), &answer);
    app.shown(case.id, Stage::Scoring, &here(), &answer);
    app.track.write(&app.registry).expect("written");

    let file = rusqlite::Connection::open(house.file()).expect("a file");
    let mut read = file.prepare("SELECT * FROM estimates").expect("a table");
    let names: Vec<String> = read.column_names().map(str::to_owned).collect();
    let columns = [
        "record", "shown", "province", "kind", "stage", "by_50", "by_80", "by_95", "told", "plain",
        "ended",
    ];
    assert_eq!(names, columns);
    let row = |row: &rusqlite::Row<'_>| {
        (0..columns.len())
            .map(|at| row.get::<_, rusqlite::types::Value>(at))
            .collect::<Result<Vec<_>, _>>()
    };
    let rows: Vec<_> = read.query_map([], row).expect("rows").collect();
    assert_eq!(rows.len(), 1);
    let text = format!("{:?}", rows[0].as_ref().expect("a row"));
    let ticket = &case.registration.ticket;
    for secret in [&wang.name, &wang.number, ticket] {
        assert!(!text.contains(&**secret), "{text}");
    }
    assert!(
        text.contains("\"99\"") && text.contains("scoring"),
        "{text}"
    );
    drop(read);
    house.close();
}
