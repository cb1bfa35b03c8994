//! `/console/bottlenecks`: where cases wait, how long stays take, and who will likely miss a limit.
//! An authority sees its own cases, an institution what waits for itself, an administrator all
//! offices of the node but no single case. Made from memory alone.

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::{Extension, extract::State, response::Response};
use domain::{office::OfficeKind, record::RecordId};

use super::super::{
    App, Trouble, Visitor,
    lang::Sentences,
    page::{self, Frame},
};
use crate::{
    chart::{self, Bars, Line, Lines},
    clock,
    outlook::waiting::{self, AGES, Desk, Group, Month, Paces, Risk, STEPS, Scope, Stays, View},
    registry::Officer,
};

/// The states of the queue in which the cases of a step are found, by step; what is on the way to
/// the nation lies in no queue.
const QUEUES: [&[&str]; 7] = [
    &["examined"],
    &["passed"],
    &["reported"],
    &["returned"],
    &["accepted", "reviewed"],
    &["approved", "made"],
    &[],
];
const STAGES: [&str; 4] = ["scoring", "qualification", "making", "sync"];

/// One step of the table.
struct StepRow {
    name: String,
    queues: &'static [&'static str],
    waiting: u64,
    median: String,
}

/// One office.
struct OfficeRow {
    province: String,
    office: String,
    waiting: u64,
    old: u64,
    /// Medians of the last three months, by stage.
    medians: [String; 4],
    limits: Desk,
}

/// One desk of an office.
struct DeskRow {
    office: String,
    desk: &'static str,
    state: String,
    limits: Desk,
}

/// One case.
struct CaseRow {
    case: RecordId,
    state: String,
    desk: &'static str,
    since: String,
    due: String,
    missed: String,
    likely: bool,
}

#[derive(Template)]
#[template(path = "console/bottlenecks.html")]
struct Bottlenecks<'a> {
    f: Frame<'a>,
    office: String,
    /// An office with queues of its own: its numbers lead there.
    has_queue: bool,
    lead: Vec<String>,
    alarming: bool,
    figures: Vec<String>,
    pace: Option<String>,
    steps: Vec<StepRow>,
    /// There is more than one.
    has_provinces: bool,
    offices: Vec<OfficeRow>,
    desks: Vec<DeskRow>,
    cases: Vec<CaseRow>,
    until: String,
}

impl Bottlenecks<'_> {
    fn tenth(&self, count: &f64) -> String {
        format!("{count:.1}")
    }
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.as_ref().ok_or(Trouble::Forbidden)?;
    let scope = scope(&app, officer);
    let view = {
        let outlook = app.outlook.read().unwrap_or_else(PoisonError::into_inner);
        outlook.view(&scope, clock::today())
    };
    let f = Frame::new(&app, &visitor, "bottlenecks-title");
    Ok(page::html(&page_of(&app, f, officer, &scope, &view)))
}

/// What an officer may see: of single cases no more than in the own queue.
fn scope(app: &App, officer: &Officer) -> Scope {
    if officer.roles.iter().any(|role| role.is_administrator()) {
        return Scope::All;
    }
    let office = app.registry.office(&officer.office);
    match office.map(|office| office.kind) {
        Some(OfficeKind::Authority) => Scope::Authority(officer.office.clone()),
        _ => Scope::Institution(officer.office.clone()),
    }
}

fn page_of<'a>(
    app: &App,
    f: Frame<'a>,
    officer: &Officer,
    scope: &Scope,
    view: &View,
) -> Bottlenecks<'a> {
    let t = f.t;
    let steps: &[usize] = match scope {
        Scope::Institution(_) => &waiting::OF_INSTITUTION,
        _ => &[0, 1, 2, 3, 4, 5, 6],
    };
    let limits = view.groups.iter().map(Group::limits);
    let limits = limits.fold(Desk::default(), |all, one| one.with(&all));
    let mut figures = Vec::new();
    if *scope == Scope::All {
        figures.push(chart::figure(&places(app, t, view), t, "places"));
    }
    figures.push(chart::figure(&waits(t, view, steps), t, "steps"));
    let paces = lines(t, view, scope);
    let desks = view.groups.iter().flat_map(|group| {
        let office = app.registry.office_name(&group.office);
        group.desks.iter().map(move |(state, limits)| DeskRow {
            office: office.clone(),
            desk: waiting::desk(state).map_or("", |desk| desk.0),
            state: state.clone(),
            limits: limits.clone(),
        })
    });
    Bottlenecks {
        office: app.registry.office_name(&officer.office),
        // An assessor is led to no case.
        has_queue: *scope != Scope::All && !f.only("assessor"),
        lead: lead(app, t, view, scope, &limits),
        alarming: limits.likely > 0 || limits.passed > 0,
        figures,
        pace: paces.map(|lines| chart::figure(&lines, t, "paces")),
        steps: steps.iter().map(|step| step_row(t, view, *step)).collect(),
        has_provinces: provinces(view).len() > 1,
        offices: match scope {
            Scope::All => view.groups.iter().map(|g| office_row(app, g)).collect(),
            _ => Vec::new(),
        },
        desks: desks.collect(),
        cases: view.risks.iter().map(case_row).collect(),
        until: view.until.to_string(),
        f,
    }
}

/// In words: where it waits most, and how many limits will likely be missed.
fn lead(app: &App, t: &Sentences, view: &View, scope: &Scope, limits: &Desk) -> Vec<String> {
    let cells = view.groups.iter().flat_map(|group| {
        let each = 0..STEPS.len();
        each.map(move |step| (group.in_step(step), group, step))
    });
    // Of the fullest the first.
    let fullest = cells.rev().max_by_key(|cell| cell.0);
    let all: u64 = view.groups.iter().map(total).sum();
    let mut said = Vec::new();
    match fullest.filter(|cell| cell.0 > 0) {
        None => said.push(t.say("bottlenecks-nothing")),
        Some((count, group, step)) => {
            let (count, all) = (count.to_string(), all.to_string());
            let (what, office) = (step_name(t, step), app.registry.office_name(&group.office));
            let values = [("n", &*count), ("all", &*all), ("what", &*what)];
            said.push(match scope {
                Scope::All => {
                    let at = [&values[..], &[("office", &*office)]].concat();
                    t.with("bottlenecks-most-at", &at)
                }
                _ => t.with("bottlenecks-most", &values),
            });
        }
    }
    let (due, likely) = (limits.due.to_string(), limits.likely.to_string());
    let until = view.until.to_string();
    let values = [("due", &*due), ("n", &*likely), ("day", &*until)];
    let key = if limits.due == 0 {
        "bottlenecks-none-due"
    } else {
        "bottlenecks-likely"
    };
    said.push(t.with(key, &values));
    if limits.passed > 0 {
        let passed = limits.passed.to_string();
        said.push(t.with("bottlenecks-passed", &[("n", &*passed)]));
    }
    said
}

fn total(group: &Group) -> u64 {
    group.by_age().iter().sum()
}

fn step_name(t: &Sentences, step: usize) -> String {
    t.say(&format!("waits-{}", STEPS[step]))
}

/// Working days as they are shown; a dash where nothing ended.
fn days(stays: &Stays) -> String {
    match stays.median() {
        None => "–".to_owned(),
        Some(days) if days as usize > waiting::LONGEST => format!("> {}", waiting::LONGEST),
        Some(days) => days.to_string(),
    }
}

fn step_row(t: &Sentences, view: &View, step: usize) -> StepRow {
    let waiting = view.groups.iter().map(|group| group.in_step(step));
    let mut stays = Stays::default();
    view.groups
        .iter()
        .for_each(|group| stays.join(&group.lately.steps[step]));
    StepRow {
        name: step_name(t, step),
        queues: QUEUES[step],
        waiting: waiting.sum(),
        median: days(&stays),
    }
}

fn office_row(app: &App, group: &Group) -> OfficeRow {
    let ages = group.by_age();
    OfficeRow {
        province: app.province_name(&group.province),
        office: app.registry.office_name(&group.office),
        waiting: total(group),
        old: ages[AGES.len() - 1..].iter().sum(),
        medians: [0, 1, 2, 3].map(|stage| days(&group.lately.stages[stage])),
        limits: group.limits(),
    }
}

fn case_row(risk: &Risk) -> CaseRow {
    CaseRow {
        case: risk.case,
        state: risk.state.clone(),
        desk: risk.desk,
        since: risk.since.to_string(),
        due: risk.due.to_string(),
        missed: format!("{:.0} %", risk.missed * 100.0),
        likely: risk.missed >= waiting::LIKELY,
    }
}

/// The provinces, each once.
fn provinces(view: &View) -> Vec<&str> {
    let mut provinces: Vec<&str> = view.groups.iter().map(|g| &*g.province).collect();
    provinces.dedup();
    provinces
}

/// Under way by age, province beside province; where there is one only, authority beside authority.
fn places(app: &App, t: &Sentences, view: &View) -> Bars {
    let provinces = provinces(view);
    let mut rows: Vec<(String, Vec<u64>)> = Vec::new();
    if provinces.len() > 1 {
        for province in provinces {
            let mut ages = vec![0; AGES.len() + 1];
            let inside = view.groups.iter().filter(|g| g.province == province);
            for (sum, more) in inside.flat_map(|g| g.by_age().into_iter().enumerate()) {
                ages[sum] += more;
            }
            rows.push((app.province_name(province), ages));
        }
    } else {
        let row = |g: &Group| (app.registry.office_name(&g.office), g.by_age().to_vec());
        rows.extend(view.groups.iter().map(row));
    }
    Bars {
        title: t.say("bottlenecks-by-place"),
        of: t.say("bottlenecks-place"),
        unit: t.say("chart-cases"),
        parts: chart::ages(&AGES, t),
        rows,
    }
}

/// Under way by step and age.
fn waits(t: &Sentences, view: &View, steps: &[usize]) -> Bars {
    let rows = steps.iter().map(|step| {
        let mut ages = vec![0; AGES.len() + 1];
        for group in &view.groups {
            for (sum, more) in ages.iter_mut().zip(group.waiting[*step]) {
                *sum += more;
            }
        }
        (step_name(t, *step), ages)
    });
    Bars {
        title: t.say("bottlenecks-by-step"),
        of: t.say("bottlenecks-step"),
        unit: t.say("chart-cases"),
        parts: chart::ages(&AGES, t),
        rows: rows.collect(),
    }
}

/// Something that ended, by month.
type Ended = fn(&Paces, usize) -> &Stays;

/// The median of each stage by month; of an institution that of its own steps. None where nothing
/// ended yet.
fn lines(t: &Sentences, view: &View, scope: &Scope) -> Option<Lines> {
    let (names, of): (Vec<(usize, String)>, Ended) = match scope {
        Scope::Institution(_) => {
            let steps = waiting::OF_INSTITUTION.iter();
            let names = steps.map(|step| (*step, step_name(t, *step)));
            (names.collect(), |paces, at| &paces.steps[at])
        }
        _ => {
            let stages = STAGES.iter().enumerate();
            let names = stages.map(|(at, stage)| (at, t.say(&format!("stage-{stage}"))));
            (names.collect(), |paces, at| &paces.stages[at])
        }
    };
    let ended = |paces: &Paces| names.iter().any(|(at, _)| of(paces, *at).count() > 0);
    let months: Vec<&(Month, Paces)> = view.months.iter().filter(|m| ended(&m.1)).collect();
    if months.is_empty() {
        return None;
    }
    let mut year = None;
    let labels = months.iter().map(|((y, m), _)| {
        let is_new = year.replace(*y) != Some(*y);
        chart::month(*y, *m, is_new, t)
    });
    let labels = labels.collect();
    let marks = months.iter().map(|((y, m), _)| format!("{y:04}-{m:02}"));
    let lines = names.iter().map(|(at, name)| {
        let medians = months.iter().map(|(_, paces)| of(paces, *at).median());
        Line {
            name: name.clone(),
            values: medians.map(|days| days.map(f64::from)).collect(),
        }
    });
    Some(Lines {
        title: t.say("bottlenecks-pace"),
        of: t.say("chart-month"),
        unit: t.say("chart-median-workdays"),
        marks: marks.collect(),
        labels,
        lines: lines.collect(),
    })
}
