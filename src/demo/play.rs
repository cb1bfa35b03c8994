//! Plays the situations: lays every step on its day, then does all of them in the order of time.

use std::{collections::BTreeMap, io::Cursor};

use domain::{
    calendar::Calendar,
    case::State,
    event::{Act, Material},
    management::{Appointment, Industry, UnitType},
    person::Sex,
    record::RecordId,
    verdict::Kind,
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, date},
    tz::Offset,
};
use rand::{SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};

use super::{
    Crowd, InquirySample, OPENING, Sample, Staff, ask,
    cast::{Member, cast, samples},
    history, photo,
    situation::{Former, What},
};
use crate::{
    intake,
    node::NodeError,
    registry::{Command, Filter, FormerRow, Imported, Lost, Officer, Registry},
};

/// A minute of an office's day: 09:00 in China and so many minutes.
pub(super) fn at(day: Date, minutes: i64) -> Timestamp {
    let morning = day.at(9, 0, 0, 0);
    // Cannot fail: the days of the demonstration lie far inside the range of time.
    let nine = Offset::constant(8)
        .to_timestamp(morning)
        .unwrap_or(Timestamp::MIN);
    nine.saturating_add(SignedDuration::from_mins(minutes))
        .unwrap_or(nine)
}

/// Jobs of one minute, so that an office does a day's cases of one kind together.
struct Schedule {
    jobs: BTreeMap<(Timestamp, String), Job>,
}

enum Job {
    /// Lines of one sheet: member, kind and scores, and whether it is for the other item.
    Sheet(usize, Date, Vec<Line>),
    /// A command of one institution's cases.
    Do(usize, Command, Vec<usize>),
    /// An institution hands in for a manager.
    Extend(usize),
    Change(usize, Act),
    Clock,
    TakeOver(Vec<usize>),
    Inquiry(ask::Step),
}

struct Line {
    member: usize,
    kind: Kind,
    theory: Option<u8>,
    practical: Option<u8>,
    other: bool,
}

/// Plays everybody; returns one sample for each situation.
pub(super) fn play(
    registry: &Registry,
    staff: &Staff,
    crowd: Crowd,
    seed: u64,
    now: Timestamp,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Vec<Sample>, Vec<InquirySample>), NodeError> {
    let today = domain::event::legal_day(now);
    let first = staff.place.first;
    let mut rng = StdRng::seed_from_u64(seed.wrapping_add(first));
    let calendar = registry.calendar();
    let mut members = cast(crowd.people, (seed, first), today, calendar, &mut rng);
    let past = history::cast(crowd.history, (seed, staff.place), today, calendar)?;
    members.extend(past);
    let mut schedule = lay(&members, registry.calendar());
    for (at, step) in ask::steps(registry.calendar(), today) {
        schedule.put(at, String::new(), || Job::Inquiry(step));
    }
    let mut inquiries = Vec::new();
    let all = schedule.jobs.len();
    for (done, ((at, _), job)) in schedule.jobs.into_iter().enumerate() {
        progress(done, all);
        inquiries.extend(run(registry, staff, &mut members, job, at, today)?);
    }
    progress(all, all);
    let samples = samples(&members, seed, staff.place, today, registry.calendar());
    Ok((samples, inquiries))
}

/// Lays every step of everybody on its minute.
fn lay(members: &[Member], calendar: &Calendar) -> Schedule {
    let mut schedule = Schedule {
        jobs: BTreeMap::new(),
    };
    let formers: Vec<_> = (0..members.len())
        .filter(|m| members[*m].situation.former.is_some())
        .collect();
    let first = at(calendar.add_workdays(OPENING, 3).date, 0);
    schedule.put(first, String::new(), || Job::TakeOver(formers));
    for (number, member) in members.iter().enumerate() {
        for (after, what) in &member.situation.steps {
            let day = calendar.add_workdays(member.exam, *after).date;
            schedule.lay(number, member, day, what, calendar);
        }
    }
    schedule
}

impl Schedule {
    fn put(&mut self, at: Timestamp, key: String, job: impl FnOnce() -> Job) -> &mut Job {
        self.jobs.entry((at, key)).or_insert_with(job)
    }

    fn lay(&mut self, number: usize, member: &Member, day: Date, what: &What, calendar: &Calendar) {
        let institution = member.institution;
        let line = match what {
            What::Sits {
                kind,
                theory,
                practical,
            } => Line {
                member: number,
                kind: *kind,
                theory: *theory,
                practical: *practical,
                other: false,
            },
            What::SitsForAnother => Line {
                member: number,
                kind: Kind::Initial,
                theory: Some(85),
                practical: Some(90),
                other: true,
            },
            What::Extends => {
                self.put(at(day, 110), number.to_string(), || Job::Extend(number));
                return;
            }
            What::Do(command) => {
                let (minutes, command) = of_the_day(command, day);
                let key = format!("{institution} {command:?}");
                let job = self.put(at(day, minutes), key, || {
                    Job::Do(institution, command, Vec::new())
                });
                if let Job::Do(_, _, members) = job {
                    members.push(number);
                }
                return;
            }
            What::Clock => {
                self.put(at(day, 14 * 60), String::new(), || Job::Clock);
                return;
            }
            What::Change(act) => {
                let act = act.clone();
                self.put(at(day, 420), number.to_string(), || {
                    Job::Change(number, act)
                });
                return;
            }
        };
        let next = calendar.next_workday(day).date;
        let key = format!("{institution} {day}");
        let job = self.put(at(next, 0), key, || {
            Job::Sheet(institution, day, Vec::new())
        });
        if let Job::Sheet(_, _, lines) = job {
            lines.push(line);
        }
    }
}

/// So long a hearing takes, as the applicant was told.
const HEARD: jiff::SignedDuration = jiff::SignedDuration::from_hours(20 * 24);

/// Each kind of work has its hour.
fn of_the_day(command: &Command, day: Date) -> (i64, Command) {
    let minutes = match command {
        Command::Confirm => 60,
        Command::AskScoreRecheck { .. } | Command::AnswerScoreRecheck { .. } => 90,
        Command::Report { .. } | Command::Resubmit { .. } => 120,
        Command::Accept | Command::Return { .. } | Command::Refuse { .. } => 180,
        Command::Review => 240,
        Command::BeginProcedure { .. } | Command::EndProcedure | Command::Extend { .. } => 255,
        Command::Approve | Command::Reject { .. } => 270,
        Command::Make { .. } => 300,
        Command::Issue => 330,
        Command::Print => 360,
        Command::Spoil { .. } => 375,
        Command::Deliver { .. } => 390,
        Command::Withhold { .. } | Command::EndWithholding { .. } | Command::Annul { .. } => 400,
        Command::OfferTransfer { .. } | Command::TakeTransfer | Command::DeclineTransfer { .. } => {
            410
        }
    };
    let command = match command {
        Command::BeginProcedure {
            procedure, notice, ..
        } => Command::BeginProcedure {
            procedure: *procedure,
            until: day.checked_add(HEARD).unwrap_or(day),
            notice: notice.clone(),
        },
        other => other.clone(),
    };
    (minutes, command)
}

/// Does one job; an inquiry that was asked is told.
fn run(
    registry: &Registry,
    staff: &Staff,
    members: &mut [Member],
    job: Job,
    at: Timestamp,
    today: Date,
) -> Result<Option<InquirySample>, NodeError> {
    match job {
        Job::Inquiry(step) => return ask::take(registry, staff, members, step, at),
        Job::Sheet(institution, day, lines) => {
            let clerk = staff.clerk(institution);
            import(registry, members, clerk, (day, &lines), at)?;
        }
        Job::Do(institution, command, whose) => {
            let cases: Vec<_> = whose.iter().filter_map(|m| members[*m].case).collect();
            let officer = staff.whose(&command, institution);
            if matches!(command, Command::Report { .. }) {
                photo::put(registry, &cases, officer, at)?;
            }
            for done in registry.command(&cases, &command, officer, at)? {
                if let Err(refusal) = done.state {
                    return Err(NodeError(format!("{command:?} was refused: {refusal}")));
                }
            }
        }
        Job::Extend(member) => extend(registry, staff, &mut members[member], at)?,
        Job::Change(member, act) => {
            let case = members[member].case.ok_or_else(|| lost("a case"))?;
            let file = registry.case_file(staff.approver(), case, today)?;
            let State::Issued { certificate, .. } = file.case.state else {
                return Err(lost("a certificate"));
            };
            change(registry, staff, certificate, act, at)?;
        }
        Job::Clock => drop(registry.deem_accepted(at)?),
        Job::TakeOver(whose) => take_over(registry, staff, members, &whose, at, today)?,
    }
    Ok(None)
}

/// 延期: the institution hands in what the law asks for, and no exam is sat.
fn extend(
    registry: &Registry,
    staff: &Staff,
    m: &mut Member,
    at: Timestamp,
) -> Result<(), NodeError> {
    let card = Lost {
        document: m.person.document.clone(),
        name: m.person.name.clone(),
        item: m.item.into(),
        materials: ["照片", "安全培训合格记录"].map(Material::named).to_vec(),
        appointment: None,
    };
    m.case = Some(registry.ask_extension(&card, staff.clerk(m.institution), at)?);
    Ok(())
}

/// Where a manager answers for safety; invented.
fn appointment(m: &Member) -> Appointment {
    let chemicals = m.person.document.expose().as_bytes()[15].is_multiple_of(2);
    Appointment {
        industry: if chemicals {
            Industry::HazardousChemicals
        } else {
            Industry::OtherMine
        },
        unit: if chemicals {
            UnitType::Trade
        } else {
            UnitType::Production
        },
        employer: if chemicals {
            "示例化工贸易有限公司".to_owned()
        } else {
            "示例矿业有限公司".to_owned()
        },
    }
}

/// What takes a certificate away is proposed by one officer and decided by another.
fn change(
    registry: &Registry,
    staff: &Staff,
    certificate: RecordId,
    act: Act,
    at: Timestamp,
) -> Result<(), NodeError> {
    if !matches!(act, Act::Revoked { .. } | Act::Cancelled(_)) {
        return Ok(registry.change_certificate(certificate, act, staff.approver(), at)?);
    }
    let proposed = Act::ChangeProposed(Box::new(act));
    registry.change_certificate(certificate, proposed, staff.reviewer(), at)?;
    registry.decide(certificate, staff.approver(), at)?;
    Ok(())
}

pub(super) fn lost(what: &str) -> NodeError {
    NodeError(format!("the demonstration lost {what}"))
}

/// A line of the sheet.
fn written(registry: &Registry, m: &Member, line: &Line, day: Date) -> String {
    let (item, ticket) = if line.other {
        (m.other, &m.other_ticket)
    } else {
        (m.item, &m.ticket)
    };
    let manages = item.starts_with('M');
    let appointed = manages.then(|| appointment(m));
    let [industry, unit, employer] = match &appointed {
        Some(a) => [a.industry.code(), a.unit.code(), &a.employer],
        None => ["", "", ""],
    };
    let score = |s: Option<u8>| s.map_or_else(|| "缺考".to_owned(), |s| s.to_string());
    let cells = [
        m.person.name.expose(),
        match m.person.sex {
            Sex::Male => "男",
            Sex::Female => "女",
        },
        "身份证",
        m.person.document.expose(),
        &registry.item_name(&item.into()),
        match line.kind {
            Kind::Recheck => "复审",
            Kind::Renewal => "期满换证",
            _ => "初领",
        },
        &day.to_string(),
        &score(line.theory),
        // Managers are examined by theory alone.
        &score(line.practical.filter(|_| !manages)),
        ticket,
        industry,
        unit,
        employer,
    ];
    cells.join(",") + "\n"
}

/// The institution's sheet as it would send it, and what becomes of it.
fn import(
    registry: &Registry,
    members: &mut [Member],
    clerk: &Officer,
    (day, lines): (Date, &[Line]),
    at: Timestamp,
) -> Result<(), NodeError> {
    let mut sheet = String::from(
        "姓名,性别,证件类型,证件号码,准操项目,申请类型,考试日期,理论成绩,实操成绩,准考证号,行业类别,单位类型,任职单位\n",
    );
    for line in lines {
        sheet.push_str(&written(registry, &members[line.member], line, day));
    }
    let taken = intake::take(registry, Cursor::new(sheet.as_bytes()), clerk, at, false)
        .map_err(|e| NodeError(e.to_string()))?;
    if !matches!(taken.outcome, Imported::Done { .. }) {
        return Err(NodeError(format!(
            "a sheet of the demonstration was refused: {:?}",
            taken.not_taken
        )));
    }
    let filter = Filter {
        states: vec!["registered".to_owned(), "examined".to_owned()],
        limit: u16::MAX,
        ..Filter::default()
    };
    let cases: BTreeMap<_, _> = registry
        .cases(clerk, &filter, domain::event::legal_day(at))?
        .into_iter()
        .map(|line| (line.case.registration.ticket, line.case.id))
        .collect();
    for line in lines {
        let m = &mut members[line.member];
        let ticket = if line.other {
            &m.other_ticket
        } else {
            &m.ticket
        };
        m.case = cases.get(ticket).copied();
    }
    Ok(())
}

/// One batch with everybody who comes from the former register.
fn take_over(
    registry: &Registry,
    staff: &Staff,
    members: &[Member],
    whose: &[usize],
    at: Timestamp,
    today: Date,
) -> Result<(), NodeError> {
    let rows = whose.iter().map(|m| {
        let m = &members[*m];
        // Cannot fail: only those with a former certificate are asked for.
        former(m, m.situation.former.unwrap_or(Former::Valid), today)
    });
    let rows: Vec<FormerRow> = rows.collect();
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let digest = digest(&rows);
    let minute = SignedDuration::from_mins(10);
    let batch = registry.propose_batch(&digest, count, staff.issuer(), at)?;
    let later = at.saturating_add(minute).unwrap_or(at);
    registry.release_batch(batch, staff.approver(), later)?;
    let later = later.saturating_add(minute).unwrap_or(later);
    registry.take_over(batch, &mut rows.into_iter(), staff.issuer(), later)?;
    Ok(())
}

/// The digest of the former register's list as it would have been handed over.
fn digest(rows: &[FormerRow]) -> String {
    let mut hash = Sha256::new();
    for row in rows {
        let dates = [row.first_issued, row.valid_from, row.valid_until].map(|d| d.to_string());
        hash.update(row.holder.name.expose());
        hash.update(row.holder.document.expose());
        hash.update(row.item.as_str());
        hash.update(dates.join(","));
    }
    let bytes = hash.finalize();
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn former(m: &Member, former: Former, today: Date) -> FormerRow {
    let years = if m.item.starts_with('M') { 3 } else { 6 };
    let until = |from: Date| from.saturating_add(years.years()).saturating_sub(1.day());
    let spread = i64::from(m.person.document.expose().as_bytes()[16] - b'0');
    let (valid_from, recheck_due) = match former {
        Former::ToExtend => (
            today
                .saturating_add((20 + spread * 5).days())
                .saturating_sub(3.years())
                .saturating_add(1.day()),
            None,
        ),
        Former::Valid => (date(2023, 3, 1).saturating_add((spread * 60).days()), None),
        Former::Expired => (date(2020, 2, 1).saturating_add((spread * 7).days()), None),
        Former::NotRechecked => (date(2023, 2, 10), Some(date(2026, 2, 9))),
        Former::ToRecheck => (date(2023, 5, 20), Some(date(2026, 5, 19))),
        Former::ToRenew => (
            today
                .saturating_add(40.days())
                .saturating_sub(6.years())
                .saturating_add(1.day()),
            None,
        ),
    };
    FormerRow {
        holder: m.person.clone(),
        item: m.item.into(),
        first_issued: valid_from,
        valid_from,
        valid_until: until(valid_from),
        recheck_due,
        appointment: m.item.starts_with('M').then(|| Box::new(appointment(m))),
    }
}
