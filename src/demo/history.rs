//! The demonstration's past: cases of simulated months, played through the register by its offices,
//! so that estimates, medians and pages of bottlenecks have something to speak from.
//!
//! They are people beside those of the situations, and sit on other weekdays: no sample's answer
//! depends on them.

use domain::{
    calendar::Calendar,
    catalogue::Category,
    verdict::{Kind, Verdict},
};
use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use super::{
    INSTITUTIONS, OPENING, PLACES, Place,
    cast::Member,
    people,
    situation::{Asks, Situation, What as Step, When},
};
use crate::{
    node::NodeError,
    registry::Command,
    simulation::{Case, End, Scenario, What, histories, shipped},
};

/// The numbers of these people begin so far behind those of the situations.
const BEHIND: u64 = 500_000;
/// So far back they sit.
const MONTHS: i64 = 7;
/// An acceptance is not put off beyond this: silence would do it.
const ACCEPT_WITHIN: u32 = 5;

/// The scenario of a province: the first sends and issues at once.
fn scenario(place: Place, today: Date) -> Result<Scenario, NodeError> {
    let name = if place == PLACES[0] { "fast" } else { "brief" };
    let said = |e: &dyn std::fmt::Display| NodeError(format!("the scenario {name}: {e}"));
    let text = shipped(name).ok_or_else(|| said(&"it is not shipped"))?;
    let scenario = Scenario::parse(text).map_err(|e| said(&e))?;
    let start = today.saturating_sub(MONTHS.months());
    let scenario = scenario.with_start(start).map_err(|e| said(&e))?;
    let days = u16::try_from((today - start).get_days()).unwrap_or(u16::MAX);
    scenario.with_days(days).map_err(|e| said(&e))
}

/// So many people with the story of a simulated case each, spread over the months.
pub(super) fn cast(
    count: usize,
    (seed, place): (u64, Place),
    today: Date,
    calendar: &Calendar,
) -> Result<Vec<Member>, NodeError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let yesterday = today.yesterday().unwrap_or(today);
    let scenario = scenario(place, today)?;
    let mut cases = histories(&scenario, seed, usize::MAX, yesterday);
    cases.retain(|case| fits(case, calendar));
    let apart = (cases.len() / count).max(1);
    let chosen = cases.iter().step_by(apart).take(count).enumerate();
    let members = chosen.map(|(at, case)| member(at, case, (seed, place), today, calendar));
    Ok(members.collect())
}

/// A first certificate, passed, by an exam on a working day that no sample sits on.
fn fits(case: &Case, calendar: &Calendar) -> bool {
    let day = case.exam_date;
    case.kind == Kind::Initial
        && matches!(case.end, None | Some(End::Queryable))
        && calendar.is_workday(day)
        && !matches!(day.weekday(), Weekday::Tuesday | Weekday::Friday)
        && calendar.count_workdays(OPENING, day).days > 5
}

fn member(
    at: usize,
    case: &Case,
    (seed, place): (u64, Place),
    today: Date,
    calendar: &Calendar,
) -> Member {
    let institution = usize::from(case.institution) % INSTITUTIONS.len();
    let items = INSTITUTIONS[institution].2;
    let items: Vec<_> = items.iter().filter(|i| !i.starts_with('M')).collect();
    let item = items[usize::from(case.item) % items.len()];
    let ticket = |mark: char| format!("{}{mark}{at:07}", case.exam_date.strftime("%y%m%d"));
    Member {
        person: people::person(seed, place.first + BEHIND + at as u64),
        item,
        other: item,
        institution,
        exam: case.exam_date,
        ticket: ticket('H'),
        other_ticket: ticket('J'),
        case: None,
        situation: Situation {
            name: "history",
            verdict: Verdict::InProgress,
            stage: None,
            category: Category::SpecialOperation,
            former: None,
            when: When::Now,
            steps: steps(case, today, calendar),
            asks: Asks::Own,
            adds: None,
            cause: None,
            weight: 0,
        },
    }
}

/// The case's events as steps of the demonstration, by working days after the exam. What the
/// offices do at one hour of the day only is done a day later where it would step back.
fn steps(case: &Case, today: Date, calendar: &Calendar) -> Vec<(u32, Step)> {
    let sits = Step::Sits {
        kind: Kind::Initial,
        theory: Some(85),
        practical: Some(90),
    };
    let mut steps = vec![(0, sits)];
    // The sheet goes in on the day after the exam.
    let (mut last, mut reported) = (1, 0);
    for event in &case.events {
        let Some(command) = command(event.what) else {
            continue;
        };
        let days = calendar.count_workdays(case.exam_date, event.on).days;
        let mut day = u32::try_from(days).unwrap_or(0).max(last);
        match event.what {
            What::Resubmitted => day = day.max(last + 1),
            What::Accepted | What::Returned => day = day.min(reported + ACCEPT_WITHIN),
            _ => {}
        }
        if matches!(event.what, What::Reported | What::Resubmitted) {
            reported = day;
        }
        steps.push((day, Step::Do(command)));
        last = day;
    }
    if case.end == Some(End::Queryable) {
        steps.push((last + 1, Step::Do(Command::Print)));
        steps.push((last + 2, Step::Do(super::situation::HANDED_OVER)));
    }
    let is_over = |day: u32| calendar.add_workdays(case.exam_date, day).date < today;
    let over = steps.iter().take_while(|step| is_over(step.0)).count();
    steps.truncate(over);
    steps
}

/// What an office does, where the event is an office's.
fn command(what: What) -> Option<Command> {
    Some(match what {
        What::ScoresConfirmed => Command::Confirm,
        What::Reported => Command::Report {
            materials: Vec::new(),
        },
        What::Returned => Command::Return {
            missing: vec!["个人健康承诺书".to_owned()],
        },
        What::Resubmitted => Command::Resubmit {
            materials: Vec::new(),
        },
        What::Accepted => Command::Accept,
        What::Reviewed => Command::Review,
        What::Approved => Command::Approve,
        What::Made => Command::Make {
            batch: String::new(),
        },
        What::Granted => Command::Issue,
        What::Registered
        | What::TheoryScored
        | What::PracticalScored
        | What::Rejected
        | What::Queryable => return None,
    })
}
