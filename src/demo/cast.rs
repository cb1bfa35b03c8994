//! Casts the demonstration: who is in which situation, where and when each sits the exam.

use domain::{calendar::Calendar, catalogue::Category, person::Person, record::RecordId};
use jiff::{
    ToSpan,
    civil::{Date, Weekday, date},
};
use rand::{RngExt, rngs::StdRng};

use super::{
    Added, INSTITUTIONS, Place, Sample, people,
    situation::{self, Adds, Asks, Situation, What, When},
};

/// The first day of the law of 2026 on which these people sit an exam.
const NEW_LAW: Date = date(2026, 6, 2);
/// So many days ago, at least, lies what happened some time ago.
const EARLIER: i32 = 70;

/// One person of the demonstration.
pub(super) struct Member {
    pub person: Person,
    pub situation: Situation,
    pub institution: usize,
    pub item: &'static str,
    /// The item of a second case.
    pub other: &'static str,
    pub exam: Date,
    pub ticket: String,
    pub other_ticket: String,
    /// The case its next step is about.
    pub case: Option<RecordId>,
}

/// Chooses who is in which situation: one of each first, then by weight.
pub(super) fn cast(
    people: usize,
    seed: (u64, u64),
    today: Date,
    calendar: &Calendar,
    rng: &mut StdRng,
) -> Vec<Member> {
    let situations = situation::all();
    let total: u32 = situations.iter().map(|s| s.weight).sum();
    let mut members = Vec::with_capacity(people.max(situations.len()));
    while members.len() < people.max(situations.len()) {
        let number = members.len();
        let situation = situations.get(number).cloned().unwrap_or_else(|| {
            let mut ball = rng.random_range(0..total);
            let chosen = situations.iter().find(|s| {
                let hit = ball < s.weight;
                ball = ball.saturating_sub(s.weight);
                hit
            });
            // Cannot fail: the ball is smaller than the sum of the weights.
            chosen.unwrap_or(&situations[0]).clone()
        });
        members.push(member(number, situation, seed, today, calendar, rng));
    }
    members
}

fn member(
    number: usize,
    situation: Situation,
    (seed, first): (u64, u64),
    today: Date,
    calendar: &Calendar,
    rng: &mut StdRng,
) -> Member {
    let management = situation.category == Category::SafetyManagement;
    // A welder comes to mind first, so the samples are welders.
    let sample = number < situation::all().len();
    let institution = match (management, sample) {
        (true, _) => 1,
        (false, true) => 0,
        (false, false) => rng.random_range(0..2),
    };
    let items: Vec<_> = INSTITUTIONS[institution]
        .2
        .iter()
        .filter(|i| i.starts_with('M') == management)
        .collect();
    let chosen = if sample && !management {
        2
    } else {
        rng.random_range(0..items.len())
    };
    let exam = exam_day(&situation, today, calendar, rng);
    let mut ticket = || {
        let tail = rng.random_range(0..100_000_000_u32);
        format!("{}{tail:08}", exam.strftime("%y%m%d"))
    };
    Member {
        person: people::person(seed, first + number as u64),
        item: items[chosen],
        other: items[(chosen + 1) % items.len()],
        institution,
        exam,
        ticket: ticket(),
        other_ticket: ticket(),
        case: None,
        situation,
    }
}

/// Exams are on Tuesdays and Fridays.
fn exam_day(situation: &Situation, today: Date, calendar: &Calendar, rng: &mut StdRng) -> Date {
    let last = situation.steps.iter().map(|(day, _)| *day).max();
    // A sheet goes in on the day after the exam.
    let last = last.unwrap_or(0).max(1);
    let over = |day: Date| calendar.add_workdays(day, last).date < today;
    let held = |day: Date| {
        calendar.is_workday(day) && matches!(day.weekday(), Weekday::Tuesday | Weekday::Friday)
    };
    let latest = match situation.when {
        When::On(day) => return day,
        When::Now => today,
        When::Before => {
            // Nothing urgent of the last weeks may take along what waits for a slot.
            let span = (today - NEW_LAW).get_days().clamp(EARLIER + 1, 200);
            today.saturating_sub(rng.random_range(EARLIER..span).days())
        }
    };
    let mut day = latest;
    while !(held(day) && over(day)) {
        day = day.saturating_sub(1.day());
    }
    day.max(NEW_LAW)
}

/// The first person of each situation.
pub(super) fn samples(
    members: &[Member],
    seed: u64,
    place: Place,
    today: Date,
    calendar: &Calendar,
) -> Vec<Sample> {
    let count = situation::all().len();
    let cast = members.iter().take(count).enumerate();
    cast.map(|(number, m)| {
        let asks = m.situation.asks;
        let asked = match asks {
            // The last of the province's million are never cast.
            Asks::Nobody => people::person(seed, place.first + 999_999 - number as u64),
            _ => m.person.clone(),
        };
        let name = match asks {
            Asks::AnotherName | Asks::AnotherNameWithTicket => "欧阳未名",
            _ => asked.name.expose(),
        };
        let has_ticket = match asks {
            // Without an exam nobody was given the ticket that a sheet names.
            Asks::Own => !matches!(m.situation.steps.first(), None | Some((_, What::Extends))),
            Asks::AnotherNameWithTicket => true,
            Asks::AnotherName | Asks::Nobody => false,
        };
        Sample {
            situation: m.situation.name.to_owned(),
            verdict: m.situation.verdict,
            stage: m.situation.stage,
            category: m.situation.category,
            doc_type: "resident_id".to_owned(),
            doc_number: asked.document.expose().to_owned(),
            name: name.to_owned(),
            ticket: has_ticket.then(|| m.ticket.clone()),
            add: added(m, place, today, calendar),
            cause: m.situation.cause,
        }
    })
    .collect()
}

/// What is added to a miss; where somebody sat, where and when that was.
fn added(m: &Member, place: Place, today: Date, calendar: &Calendar) -> Added {
    let institution = Some(place.institution(m.institution));
    let (exam_day, institution) = match m.situation.adds {
        Some(Adds::Day(ago)) => {
            let back = |day: &Date| calendar.count_workdays(*day, today).days >= i64::from(ago);
            let mut days = (0..30).map(|n: i32| today.saturating_sub(n.days()));
            (days.find(back), None)
        }
        Some(Adds::DayWithoutExam(weeks)) => {
            // Nobody sits on a Sunday that is not worked.
            let mut days = (0..60).map(|n: i32| today.saturating_sub((weeks * 7 + n).days()));
            let is_free =
                |day: &Date| day.weekday() == Weekday::Sunday && !calendar.is_workday(*day);
            let sunday = days.find(is_free);
            (sunday, institution)
        }
        None if m.situation.steps.is_empty() => (None, None),
        None => (Some(m.exam), institution),
    };
    Added {
        province: exam_day.map(|_| place.code.to_owned()),
        exam_day,
        institution,
    }
}
