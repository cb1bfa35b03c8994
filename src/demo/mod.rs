//! The demonstration: one authority, two institutions, their officers, and invented people in every
//! situation of the table of what an asker is told. Everything goes in by the front door: real
//! sheets through the intake, every step by the officer whose step it is, in the order of time.
//!
//! The people are made by a seeded generator and live in no real place (address codes `99….`).

mod ask;
mod cast;
mod exam;
mod history;
pub mod load;
pub mod people;
mod photo;
mod play;
mod situation;
mod staff;

use std::{fs, path::Path};

use domain::{
    office::Role,
    verdict::{Cause, Stage, Verdict},
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
};
use serde::{Deserialize, Serialize};

use self::staff::officer;
pub use self::{ask::InquirySample, staff::Staff};
use crate::{
    clock::{self, Chance},
    node::{DEMO, Node, NodeError},
    registry::{Officer, Registry, factors},
};

/// The two institutions of each province, and the items each may examine.
pub const INSTITUTIONS: [(&str, &str, &[&str]); 2] = [
    (
        "0101",
        "第一职业技能考试中心",
        &["1.1", "1.2", "2.1", "2.2", "2.3", "3.1", "3.2"],
    ),
    (
        "0102",
        "安全技术考试站",
        &["4.1", "4.2", "8.1", "9.8", "9.16", "M1", "M2"],
    ),
];

/// The special operations among an institution's items. The kinds of the safety-management
/// certificate stand behind them; who sits for one is somebody at an enterprise.
#[must_use]
pub fn operations(institution: usize) -> &'static [&'static str] {
    let all = INSTITUTIONS[institution].2;
    &all[..all.partition_point(|item| !item.starts_with('M'))]
}

/// A province of the demonstration; no real one's code begins with 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The number of its first person, so that no two provinces share one.
    pub first: u64,
}

/// The provinces of the demonstration.
pub const PLACES: [Place; 3] = [
    Place {
        code: "91",
        name: "东示例省",
        first: 0,
    },
    Place {
        code: "92",
        name: "南示例省",
        first: 1_000_000,
    },
    Place {
        code: "93",
        name: "西示例省",
        first: 2_000_000,
    },
];

impl Place {
    /// The code of its issuing authority.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("{}01", self.code)
    }

    /// The code of one of its institutions.
    #[must_use]
    pub fn institution(&self, which: usize) -> String {
        format!("{}{}", self.code, INSTITUTIONS[which].0)
    }
}
/// The first working day of the demonstration: its offices enter the directory.
pub const OPENING: Date = date(2026, 1, 5);

/// An account to try.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Login {
    /// Role code.
    pub role: String,
    /// Login.
    pub user: String,
    /// Password.
    pub password: String,
}

/// A query to try, and what it is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// Which line of the table.
    pub situation: String,
    /// The verdict without the ticket, or with it where the situation needs it.
    pub verdict: Verdict,
    /// The stage, while a case is running.
    pub stage: Option<Stage>,
    /// Which certificate.
    pub category: domain::catalogue::Category,
    /// Kind of document.
    pub doc_type: String,
    /// Document number, invented.
    pub doc_number: String,
    /// Name, invented.
    pub name: String,
    /// The admission-ticket number, where there is a case.
    pub ticket: Option<String>,
    /// What to add to a miss.
    #[serde(default)]
    pub add: Added,
    /// The cause that is certain then, with the ticket where there is one.
    #[serde(default)]
    pub cause: Option<Cause>,
}

/// What a sample adds to a miss, as it is typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Added {
    /// The day of the exam.
    pub exam_day: Option<Date>,
    /// The institution's code.
    pub institution: Option<String>,
    /// The province's code.
    pub province: Option<String>,
}

/// What a viewer needs to try the demonstration; kept in its folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tour {
    /// A key for programs.
    pub api_key: String,
    /// One account for each role and office.
    pub accounts: Vec<Login>,
    /// One query for each situation.
    pub samples: Vec<Sample>,
    /// Inquiries to follow: one waits, one is answered.
    #[serde(default)]
    pub inquiries: Vec<InquirySample>,
}

const TOUR: &str = "tour.json";

/// How many people a demonstration has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// In the situations of the table.
    pub people: usize,
    /// With a simulated story of the past months.
    pub history: usize,
}

impl From<usize> for Crowd {
    fn from(people: usize) -> Self {
        let history = 0;
        Self { people, history }
    }
}

/// Opens the demonstration in a folder, or makes it. `progress` is told how many of how many
/// pieces of work are done.
///
/// # Errors
/// A folder that is an office's node; what the system says.
pub fn open_or_make(
    folder: &Path,
    people: usize,
    seed: u64,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Node, Tour), NodeError> {
    open_or_make_in(PLACES[0], folder, people.into(), seed, progress)
}

/// The same for a province of one's choice.
///
/// # Errors
/// As [`open_or_make`].
pub fn open_or_make_in(
    place: Place,
    folder: &Path,
    crowd: Crowd,
    seed: u64,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Node, Tour), NodeError> {
    let kept = folder.join(DEMO).join(TOUR);
    if kept.exists() {
        let node = Node::open(folder)?;
        let text = fs::read_to_string(&kept).map_err(|e| said(&e))?;
        return Ok((node, serde_json::from_str(&text).map_err(|e| said(&e))?));
    }
    if folder.join(DEMO).exists() {
        return Err(NodeError(format!(
            "{} holds a demonstration that was not finished: remove it, or choose another folder",
            folder.join(DEMO).display()
        )));
    }
    let node = Node::init_demo(folder, None)?;
    let tour = fill(&node.registry, place, crowd, seed, clock::now(), progress)?;
    exam::hold(&node.registry, &Staff::new(place), clock::now())?;
    let text = serde_json::to_string_pretty(&tour).map_err(|e| said(&e))?;
    fs::write(&kept, text).map_err(|e| said(&e))?;
    Ok((node, tour))
}

fn said(error: &dyn std::fmt::Display) -> NodeError {
    NodeError(format!("the demonstration's folder: {error}"))
}

/// Fills an empty register.
///
/// # Errors
/// What the register says.
pub fn fill(
    registry: &Registry,
    place: Place,
    crowd: Crowd,
    seed: u64,
    now: Timestamp,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Tour, NodeError> {
    let chance = Chance::system();
    let password = secret(&chance, 12);
    let staff = Staff::enter(registry, place, &password)?;
    let (samples, inquiries) = play::play(registry, &staff, crowd, seed, now, progress)?;
    let api_key = secret(&chance, 32);
    registry.admit_key(&api_key, "demo")?;
    let accounts = staff
        .all()
        .map(|officer| Login {
            role: officer.roles.first().map_or("", |r| r.code()).to_owned(),
            user: officer.login.clone(),
            password: password.clone(),
        })
        .collect();
    Ok(Tour {
        api_key,
        accounts,
        samples,
        inquiries,
    })
}

/// Opens the accounts of the nation: it has no offices of its own, and is kept and audited.
///
/// # Errors
/// What the register says.
pub fn keep_nation(registry: &Registry, password: &str) -> Result<Vec<Login>, NodeError> {
    let officers = [
        officer("security", "全国安全管理员", "00", Role::SecurityAdmin),
        officer("admin", "全国系统管理员", "00", Role::SystemAdmin),
        officer("auditor", "全国审计管理员", "00", Role::AuditAdmin),
        // What the one proposes the other approves.
        officer("admin2", "全国系统管理员乙", "00", Role::SystemAdmin),
    ];
    let are_there = !registry.accounts()?.is_empty();
    let (mut logins, mut opener, now) = (Vec::new(), None, clock::now());
    for officer in officers {
        logins.push(Login {
            role: officer.roles.first().map_or("", |r| r.code()).to_owned(),
            user: officer.login.clone(),
            password: password.to_owned(),
        });
        if !are_there {
            let by = opener.as_ref().filter(|_| officer.login != "security");
            registry.register_account(&officer, by, now)?;
            admit(registry, &officer, password, now)?;
            opener.get_or_insert(officer);
        }
    }
    Ok(logins)
}

/// Gives an account its password and, where its role needs one, a second factor. The page of a
/// demonstration tells its codes.
fn admit(
    registry: &Registry,
    officer: &Officer,
    password: &str,
    at: Timestamp,
) -> Result<(), NodeError> {
    registry.set_password(&officer.login, password, &officer.login, at)?;
    if officer.roles.iter().any(|role| role.needs_factor()) {
        let secret = Chance::system().bytes();
        // An old code, so that those of today are still unused.
        let then = at - SignedDuration::from_hours(1);
        let code = factors::code_at(&secret, then);
        registry.enrol_factor(officer, &secret, &code, (then, at))?;
    }
    Ok(())
}

/// Letters and digits that nobody takes for another.
fn secret(chance: &Chance, length: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut text = String::new();
    while text.len() < length {
        let bits = chance.u64();
        text.extend((0..12).map(|i| char::from(LETTERS[((bits >> (5 * i)) & 31) as usize])));
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests;
