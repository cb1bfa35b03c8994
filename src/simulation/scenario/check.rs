//! Bounds of a scenario. A message is a place, what stands there, and what may.

use std::fmt::Display;

use domain::{calendar::Calendar, catalogue::Catalogue, verdict::Kind};
use jiff::civil::{Weekday, date};

use super::{Authorities, Delay, Desk, Institutions, Pace, Scenario};

type Checked = Result<(), String>;

/// The longest delay: one working year.
const LONGEST: f64 = 250.0;

fn within<T: PartialOrd + Display>(place: &str, value: T, low: T, high: T) -> Checked {
    if value >= low && value <= high {
        Ok(())
    } else {
        Err(format!("{place}: {value}; write {low} to {high}"))
    }
}

/// Checks what the types do not say.
pub(super) fn scenario(s: &Scenario, catalogue: &Catalogue, calendar: &Calendar) -> Checked {
    if s.title.trim().is_empty() {
        return Err("title: empty; say in a few words what the scenario shows".to_owned());
    }
    let first = calendar.years().next().map_or(2018, |(year, _)| year);
    let (low, high) = (date(first.saturating_add(1), 1, 1), date(2099, 12, 31));
    within("start", s.start, low, high)?;
    within("days", s.days, 1, 3660)?;
    within("warm_up", s.warm_up, 0, 360)?;
    within("follow", s.follow, 0, 1000)?;
    if s.items.is_empty() || s.items.len() > 100 {
        return Err("items: write 1 to 100 codes of the catalogue, for example [\"2.1\"]".into());
    }
    for item in &s.items {
        if catalogue.item(&item.as_str().into()).is_none() {
            return Err(format!(
                "items: `{item}` is not in the catalogue; write a code such as \"2.1\""
            ));
        }
    }
    for (month, weight) in s.season.iter().enumerate() {
        within(&format!("season, month {}", month + 1), *weight, 0.0, 20.0)?;
    }
    if s.season.iter().sum::<f64>() <= 0.0 {
        return Err("season: all 0; write a weight above 0 for at least one month".to_owned());
    }
    kinds(s)?;
    provinces(s)?;
    some("institutions", s.institutions.len())?;
    for (at, group) in s.institutions.iter().enumerate() {
        institutions(&format!("institutions, group {}", at + 1), group)?;
    }
    some("authorities", s.authorities.len())?;
    for (at, group) in s.authorities.iter().enumerate() {
        authorities(&format!("authorities, group {}", at + 1), group)?;
    }
    enough(s)
}

fn some(place: &str, count: usize) -> Checked {
    if count == 0 {
        return Err(format!("{place}: none; write at least one [[{place}]]"));
    }
    Ok(())
}

fn kinds(s: &Scenario) -> Checked {
    for (word, kind) in [
        ("initial", Kind::Initial),
        ("recheck", Kind::Recheck),
        ("renewal", Kind::Renewal),
        ("replacement", Kind::Replacement),
        ("reissue", Kind::Reissue),
    ] {
        let of = s.kinds.of(kind);
        within(&format!("kinds.{word}.share"), of.share, 0.0, 1000.0)?;
        within(&format!("kinds.{word}.delay"), of.delay, 0.01, 100.0)?;
    }
    if s.kinds.of(Kind::Initial).share <= 0.0 {
        return Err("kinds.initial.share: 0; write a share above 0".to_owned());
    }
    Ok(())
}

fn provinces(s: &Scenario) -> Checked {
    some("provinces", s.provinces.len())?;
    let mut people = 0_u64;
    for (at, group) in s.provinces.iter().enumerate() {
        let place = format!("provinces, group {}", at + 1);
        within(&format!("{place}, count"), group.count, 1, 100)?;
        within(
            &format!("{place}, candidates"),
            group.candidates,
            1,
            2_000_000,
        )?;
        within(&format!("{place}, speed"), group.speed, 0.01, 100.0)?;
        people += u64::from(group.count) * u64::from(group.candidates);
    }
    within("provinces, candidates in all", people, 1, 20_000_000)
}

fn institutions(place: &str, group: &Institutions) -> Checked {
    within(&format!("{place}, count"), group.count, 1, 1000)?;
    within(&format!("{place}, share"), group.share, 0.001, 1000.0)?;
    if group.exam_days.is_empty() {
        return Err(format!(
            "{place}, exam_days: none; write weekdays such as [\"tue\", \"sat\"]"
        ));
    }
    each_once(&format!("{place}, exam_days"), &group.exam_days)?;
    within(&format!("{place}, seats"), group.seats, 1, 100_000)?;
    within(&format!("{place}, pass_rate"), group.pass_rate, 0.0, 1.0)?;
    within(&format!("{place}, late"), group.late, 0.0, 1.0)?;
    delay(&format!("{place}, late_by"), group.late_by)?;
    desk(&format!("{place}, scoring"), &group.scoring)?;
    desk(&format!("{place}, reporting"), &group.reporting)?;
    pace(&format!("{place}, pace"), &group.pace)
}

fn authorities(place: &str, group: &Authorities) -> Checked {
    within(&format!("{place}, count"), group.count, 1, 1000)?;
    within(&format!("{place}, complete"), group.complete, 0.0, 1.0)?;
    within(
        &format!("{place}, complete_again"),
        group.complete_again,
        0.1,
        1.0,
    )?;
    delay(&format!("{place}, correction"), group.correction)?;
    within(&format!("{place}, inspected"), group.inspected, 0.0, 1.0)?;
    delay(&format!("{place}, inspection"), group.inspection)?;
    within(&format!("{place}, approved"), group.approved, 0.0, 1.0)?;
    for stop in &group.stops {
        if stop.from > stop.until {
            return Err(format!(
                "{place}, stops: from {} until {}; write the earlier day first",
                stop.from, stop.until
            ));
        }
    }
    for (word, of) in [
        ("acceptance", &group.acceptance),
        ("review", &group.review),
        ("approval", &group.approval),
        ("making", &group.making),
        ("issue", &group.issue),
    ] {
        desk(&format!("{place}, {word}"), of)?;
    }
    pace(&format!("{place}, pace"), &group.pace)
}

fn each_once(place: &str, days: &[Weekday]) -> Checked {
    let twice = |at: usize| days[..at].contains(&days[at]);
    if (0..days.len()).any(twice) {
        return Err(format!("{place}: a weekday stands twice; write each once"));
    }
    Ok(())
}

fn desk(place: &str, desk: &Desk) -> Checked {
    within(&format!("{place}, officers"), desk.officers, 1, 1000)?;
    within(
        &format!("{place}, per_officer"),
        desk.per_officer,
        1,
        100_000,
    )?;
    within(&format!("{place}, absence"), desk.absence, 0.0, 0.95)?;
    each_once(&format!("{place}, days"), &desk.days)?;
    delay(&format!("{place}, delay"), desk.delay)
}

fn delay(place: &str, delay: Delay) -> Checked {
    let [low, likely, high] = delay.0;
    for value in delay.0 {
        within(place, value, 0.0, LONGEST)?;
    }
    if low > likely || likely > high {
        return Err(format!(
            "{place}: [{low}, {likely}, {high}]; write low, likely and high in this order"
        ));
    }
    Ok(())
}

fn pace(place: &str, pace: &Pace) -> Checked {
    within(&format!("{place}, spread"), pace.spread, 0.0, 1.0)?;
    within(&format!("{place}, drift"), pace.drift, -0.9, 10.0)?;
    within(&format!("{place}, wander"), pace.wander, 0.0, 1.0)?;
    for change in &pace.changes {
        within(
            &format!("{place}, changes, speed"),
            change.speed,
            0.01,
            100.0,
        )?;
    }
    Ok(())
}

/// A group with fewer seats than people would keep them waiting for an exam for ever.
fn enough(s: &Scenario) -> Checked {
    let of = |kinds: &[Kind]| -> f64 { kinds.iter().map(|k| s.kinds.of(*k).share).sum() };
    let exam = of(&[Kind::Initial, Kind::Recheck, Kind::Renewal]);
    let sitting = exam / (exam + of(&[Kind::Replacement, Kind::Reissue]));
    let shares: f64 = s.institutions.iter().map(|group| group.share).sum();
    let most = s.provinces.iter().map(|group| group.candidates).max();
    for (at, group) in s.institutions.iter().enumerate() {
        let people =
            f64::from(most.unwrap_or(0)) * sitting * group.share / shares / f64::from(group.count);
        // A year has 52 weeks; two of them are holidays.
        let days = 50 * u32::try_from(group.exam_days.len()).unwrap_or(7);
        let seats = f64::from(days) * f64::from(group.seats);
        if people > seats {
            return Err(format!(
                "institutions, group {}, seats: {} a day are {seats} a year for {people:.0} \
                 people; write more seats, exam_days or count",
                at + 1,
                group.seats
            ));
        }
    }
    Ok(())
}
