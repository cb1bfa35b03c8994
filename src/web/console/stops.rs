//! What stops a case beside its chain: a card that is held back, an approval that is annulled, and
//! the way to another authority. Also the grounds an officer chooses from.

use domain::{
    case::{Case, State, Tie},
    law::{Ground, grounds},
    office::{OfficeCode, Role},
};

use super::super::{App, deadlines, page::Frame};
use crate::{
    clock,
    registry::{Command, Officer},
};

/// A ground of the law's list, as a form shows it.
pub(super) struct Choice {
    pub code: &'static str,
    pub words: &'static str,
    /// The article, from when it is in force, whether its text was seen, and the ban.
    pub about: Vec<String>,
    /// It bars a new application.
    pub bans: bool,
}

impl Choice {
    pub(super) fn of(f: &Frame<'_>, entry: &'static grounds::Entry) -> Self {
        let mut about = vec![
            deadlines::source(f.t, &entry.source()),
            f.s1("after-in-force", "day", entry.from.to_string()),
        ];
        if !entry.verified {
            about.push(f.s("after-unverified"));
        }
        if let Some(ban) = entry.ban {
            about.push(f.s1("after-ban", "n", ban.value.to_string()));
        }
        Self {
            code: entry.code,
            words: entry.words,
            about,
            bans: entry.ban.is_some(),
        }
    }
}

/// The grounds there are for a command on a case today.
pub(super) fn grounds(f: &Frame<'_>, case: &Case, command: &str) -> Vec<Choice> {
    let act = match command {
        "refuse" => "refused",
        "reject" => "rejected",
        "withhold" => "withheld",
        "annul" => "annulled",
        _ => return Vec::new(),
    };
    let day = case.law_day_now(clock::today());
    let choice = case.choice(act, day);
    let found = grounds::suitable(&choice);
    found.map(|entry| Choice::of(f, entry)).collect()
}

/// What the form of a case asks for; `one` gives a field of it.
pub(super) fn command(word: &str, one: &dyn Fn(&str) -> String, ground: Ground) -> Option<Command> {
    // Each form has a field of its own for its reason, since one officer may be shown several.
    let reason = || one(&format!("{word}_reason"));
    let chosen = || match one(&format!("{word}_code")) {
        code if code.is_empty() => ground.clone(),
        code => Ground::of(&code, &one(&format!("{word}_addition"))),
    };
    Some(match word {
        "withhold" => Command::Withhold { ground: chosen() },
        "annul" => Command::Annul { ground: chosen() },
        "end_withholding" => Command::EndWithholding { reason: reason() },
        "offer_transfer" => Command::OfferTransfer {
            to: OfficeCode::from(one("transfer_to").as_str()),
            tie: match one("transfer_tie").as_str() {
                "household_register" => Some(Tie::HouseholdRegister),
                "work_place" => Some(Tie::WorkPlace),
                _ => None,
            },
            reason: reason(),
        },
        "take_transfer" => Command::TakeTransfer,
        "decline_transfer" => Command::DeclineTransfer { reason: reason() },
        _ => return None,
    })
}

/// Whether a step of the chain is left to this officer: not while the card is held back, not while
/// another authority has not answered, and not to whom the case was only offered.
pub(super) fn leaves(case: &Case, officer: &Officer, command: &str) -> bool {
    let held = case.withheld.is_some() && matches!(command, "issue" | "print" | "deliver");
    let r = &case.registration;
    let ours = officer.office == r.authority || officer.office == r.institution;
    let waits = case.transfer.is_some() && matches!(command, "accept" | "return" | "refuse");
    ours && !held && !waits
}

/// What the page of a case offers beside the chain.
pub(super) struct Shown {
    pub commands: Vec<&'static str>,
    /// Other authorities, for an offer.
    pub others: Vec<(OfficeCode, String)>,
    /// The offer that waits: to whom, what ties the holder, why.
    pub transfer: Option<(String, Option<Tie>, String)>,
    /// Why the card is held back, and who held it.
    pub withheld: Option<(String, String)>,
}

impl Shown {
    pub(super) fn of(app: &App, f: &Frame<'_>, case: &Case, officer: &Officer) -> Self {
        let has = |roles: &[Role]| roles.iter().any(|r| officer.roles.contains(r));
        let ours = officer.office == case.registration.authority;
        let mut commands = Vec::new();
        let not_handed_over = matches!(
            case.state,
            State::Made { .. }
                | State::Issued {
                    delivered: false,
                    ..
                }
        );
        if ours && not_handed_over {
            match &case.withheld {
                None if has(&[Role::Reviewer, Role::Approver, Role::Issuer]) => {
                    commands.push("withhold");
                }
                Some(_) if has(&[Role::Approver]) => {
                    commands.push("end_withholding");
                    if matches!(case.state, State::Made { .. }) {
                        commands.push("annul");
                    }
                }
                _ => {}
            }
        }
        if has(&[Role::AcceptanceOfficer]) {
            transfers(case, officer, &mut commands);
        }
        let mut others = Vec::new();
        if commands.contains(&"offer_transfer") {
            let all = app.registry.offices().into_iter();
            let may = |o: &domain::office::Office| {
                o.kind == domain::office::OfficeKind::Authority
                    && o.suspended.is_none()
                    && o.code != case.registration.authority
            };
            others = all.filter(may).map(|o| (o.code, o.name)).collect();
        }
        let transfer = case.transfer.as_ref().map(|t| {
            let to = app.registry.office_name(&t.to);
            (to, t.tie, t.reason.clone())
        });
        let withheld = case.withheld.as_ref().map(|w| {
            let ground = super::story::stated(f, &w.ground);
            (ground, w.by.as_str().to_owned())
        });
        Self {
            commands,
            others,
            transfer,
            withheld,
        }
    }
}

fn transfers(case: &Case, officer: &Officer, commands: &mut Vec<&'static str>) {
    let ours = officer.office == case.registration.authority;
    let before_acceptance = matches!(
        case.state,
        State::Registered
            | State::Examined
            | State::Confirmed { .. }
            | State::Reported { .. }
            | State::Returned { .. }
    );
    if !before_acceptance {
        return;
    }
    if case.offered_to(&officer.office) {
        commands.push("take_transfer");
    }
    match case.transfer {
        Some(_) => commands.push("decline_transfer"),
        None if ours => commands.push("offer_transfer"),
        None => {}
    }
}
