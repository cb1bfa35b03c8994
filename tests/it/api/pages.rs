//! Lists of an office's program that are told page by page.

use kecha::{
    clock,
    registry::{Opening, Planned},
};

use super::{CLERK, Program, exam_day, noon};
use crate::house::{House, INSTITUTION, on_both};
use jiff::ToSpan;

/// Every line of a list by its key, two to a page.
fn walked(program: &mut Program, path: &str, key: &str) -> Vec<String> {
    let list = format!("{key}s");
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page) = program.get(&format!("{path}?limit=2{after}"));
        assert_eq!(status, 200, "{page}");
        let lines = page[list.as_str()].as_array().expect("a list");
        assert!(lines.len() <= 2, "{page}");
        let told = lines.iter().filter_map(|line| line[key].as_str());
        all.extend(told.map(str::to_owned));
        let Some(next) = page["next"].as_str() else {
            return all;
        };
        after = format!("&after={next}");
    }
}

on_both! {
    /// Sessions and tasks are told to their end; the lists ended at the last 200 and the last 100.
    fn sessions_and_tasks_go_on(house: &House) {
        let (registry, clerk) = (house.registry(), house.officer("clerk"));
        let before = noon(exam_day().saturating_sub(9.days()));
        let plan = |days: i64, place: &str| {
            let planned = Planned {
                on: exam_day().saturating_sub(days.days()),
                begins: "09:00".to_owned(),
                place: place.to_owned(),
                items: vec!["2.1".into()],
                invigilators: vec!["试监".to_owned()],
                assessors: Vec::new(),
                seats: 3,
            };
            let begun = registry.plan_session(&planned, &clerk, before);
            begun.expect("a session").to_string()
        };
        let days = [plan(2, "一"), plan(1, "一"), plan(1, "二"), plan(1, "三"), plan(0, "一")];
        let mut machine = Program::of(house, INSTITUTION, CLERK);
        let told = walked(&mut machine, "/api/v1/sessions", "session");
        let wanted: Vec<_> = days.iter().rev().cloned().collect();
        assert_eq!((told.first(), told.last()), (wanted.first(), wanted.last()));
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all
        };
        assert_eq!(sorted(told), sorted(wanted), "each once");
        let task = || {
            let opening = Opening { kind: "report", input: &[], of: 0 };
            let opened = registry.open_task(&opening, &clerk, clock::now());
            opened.expect("a task").to_string()
        };
        let tasks = [task(), task(), task()];
        let told = walked(&mut machine, "/api/v1/tasks", "task");
        assert_eq!(told, tasks.iter().rev().cloned().collect::<Vec<_>>());
        let (status, _) = machine.get("/api/v1/tasks?after=AAAA");
        assert_eq!(status, 422);
    }
}
