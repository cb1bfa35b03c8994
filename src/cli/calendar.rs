//! `kecha calendar YEAR`: the working days of a year, as a picture or as JSON.
//!
//! The picture marks what an ordinary week would not tell: 休 for a day off by the notice, 班 for a
//! weekend that is worked. Chinese characters take two columns, which the layout counts on.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use domain::calendar::{Calendar, Day, Stretch, YearStatus};
use jiff::civil::{Date, date};
use serde::Serialize;

/// Two months side by side fit a terminal of 80 columns.
const ABREAST: usize = 2;

#[derive(clap::Args)]
pub(super) struct Args {
    /// The year, for example 2026
    year: i16,
    /// Print JSON: the year, its status and its working days
    #[arg(long)]
    json: bool,
    /// Read further years from this file, in the form of the shipped one
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
}

#[derive(Serialize)]
struct Answer<'a> {
    year: i16,
    status: &'a str,
    workdays: Vec<String>,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let calendar = args
        .file
        .as_deref()
        .map_or_else(|| Ok(Calendar::shipped()), with)?;
    if *calendar.status(args.year) == YearStatus::Unknown {
        return Err(missing(&calendar, args.year).into());
    }
    let mut text = if args.json {
        json(&calendar, args.year)?
    } else {
        picture(&calendar, args.year)?
    };
    text.push('\n');
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

fn with(path: &Path) -> Result<Calendar, Box<dyn Error>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("cannot read {shown}: {e}"))?;
    Ok(Calendar::shipped()
        .with(&text)
        .map_err(|e| format!("{shown}, {e}"))?)
}

fn missing(calendar: &Calendar, year: i16) -> String {
    let years: Vec<_> = calendar.years().map(|(year, _)| year.to_string()).collect();
    let years = years.join(", ");
    format!("no calendar for {year}; there is one for {years}. Add a year with --file PATH.")
}

fn json(calendar: &Calendar, year: i16) -> Result<String, serde_json::Error> {
    let workdays = calendar.workdays(year).map(|d| d.to_string()).collect();
    serde_json::to_string(&Answer {
        year,
        status: calendar.status(year).code(),
        workdays,
    })
}

fn picture(calendar: &Calendar, year: i16) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    let (days, status) = (calendar.workdays(year).count(), calendar.status(year));
    let maybe = if matches!(status, YearStatus::Published { .. }) {
        ""
    } else {
        "（暂定）"
    };
    writeln!(out, "{year} 年工作日 · {days} 天{maybe}")?;
    match status {
        YearStatus::Published { notice } => writeln!(out, "已公布 published · {notice}")?,
        _ => writeln!(
            out,
            "尚未公布 statutory_only · 国务院通知未发布，只列法定节假日，调休未知；\n\
             凡涉及本年的推算均为暂定 provisional"
        )?,
    }
    let months: Vec<Vec<String>> = (1..=12)
        .map(|m| month(calendar, date(year, m, 1)))
        .collect();
    for row in months.chunks(ABREAST) {
        writeln!(out)?;
        for line in 0..row.iter().map(Vec::len).max().unwrap_or(0) {
            let cells = row
                .iter()
                .map(|m| m.get(line).map_or(BLANK, String::as_str));
            let joined = cells.collect::<Vec<_>>().join("   ");
            writeln!(out, "{}", joined.trim_end())?;
        }
    }
    writeln!(
        out,
        "\n休 放假 off   班 调休上班 worked weekend   六、日 无标记 = 周末休息 off\n"
    )?;
    let holidays = calendar.stretches(year).iter().filter(|s| !s.worked);
    for holiday in holidays {
        writeln!(out, "{}", line(holiday, calendar.stretches(year)))?;
    }
    write!(
        out,
        "\n数据 source: {}",
        calendar.source(year).unwrap_or("-")
    )?;
    Ok(out)
}

/// One week of nothing: seven cells of five columns.
const BLANK: &str = "                                   ";

/// The lines of one month, each 35 columns wide.
fn month(calendar: &Calendar, first: Date) -> Vec<String> {
    let days = || {
        first
            .series(jiff::Span::new().days(1))
            .take_while(|d| d.month() == first.month())
    };
    let worked = days().filter(|d| calendar.is_workday(*d)).count();
    let title = format!("{:>2} 月 · {worked:>2} 个工作日", first.month());
    // Seven characters of the title take two columns.
    let mut lines = vec![
        format!("{title:<29}"),
        "  一   二   三   四   五   六   日 ".to_owned(),
    ];
    let mut week = "     ".repeat(
        first
            .weekday()
            .to_monday_zero_offset()
            .unsigned_abs()
            .into(),
    );
    for day in days() {
        let mark = match calendar.day(day) {
            Day::Holiday(_) => "休",
            Day::MakeUp(_) => "班",
            Day::Workday | Day::Weekend => "  ",
        };
        week.push_str(&format!("{:>2}{mark} ", day.day()));
        if day.weekday() == jiff::civil::Weekday::Sunday {
            lines.push(std::mem::take(&mut week));
        }
    }
    if !week.is_empty() {
        let columns = first
            .last_of_month()
            .weekday()
            .to_monday_one_offset()
            .unsigned_abs();
        week.push_str(&"     ".repeat(7_u8.saturating_sub(columns).into()));
        lines.push(week);
    }
    lines
}

/// `春节  02-15 … 02-23   班 02-14, 02-28`
fn line(holiday: &Stretch, stretches: &[Stretch]) -> String {
    let short = |d: Date| format!("{:02}-{:02}", d.month(), d.day());
    let mut days = short(holiday.first);
    if holiday.last != holiday.first {
        days = format!("{days} … {}", short(holiday.last));
    }
    let made_up = stretches
        .iter()
        .filter(|s| s.worked && s.name == holiday.name);
    // New Year may open and close a year: each make-up day stands with the nearer one.
    let made_up = made_up.filter(|s| (s.first - holiday.first).get_days().abs() < 60);
    let made_up: Vec<_> = made_up.map(|s| short(s.first)).collect();
    let worked = if made_up.is_empty() {
        String::new()
    } else {
        format!("班 {}", made_up.join(", "))
    };
    format!("{days:<16}{}  {worked}", holiday.name)
        .trim_end()
        .to_owned()
}
