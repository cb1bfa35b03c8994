//! The lines of the table of what an asker is told, each as a plan: what happens to a person, and
//! so many working days after the exam.

use domain::{
    case::Handover,
    catalogue::Category,
    deadline::Procedure,
    event::{Act, Material},
    exam::Part,
    law::Ground,
    verdict::{Cause, Kind, Stage, Verdict},
};
use jiff::civil::{Date, date};

use crate::registry::Command;

/// What happens in one step.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A line of an exam sheet; the scores are none for 缺考.
    Sits {
        kind: Kind,
        theory: Option<u8>,
        practical: Option<u8>,
    },
    /// A manager asks for the extension of a certificate.
    Extends,
    /// The same person sits for another item: a second case.
    SitsForAnother,
    /// An officer does something to the case.
    Do(Command),
    /// The limit passes in silence.
    Clock,
    /// The authority changes the certificate.
    Change(Act),
}

/// Whom the sample asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// The person itself.
    Own,
    /// The right number under another name.
    AnotherName,
    /// Another name, and the ticket of the number's holder.
    AnotherNameWithTicket,
    /// A number nobody has.
    Nobody,
}

/// When the exam is.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// So that the last step was done a few days ago.
    Now,
    /// Some time since the law changed.
    Before,
    /// On a day of the law before 2026-06-01.
    On(Date),
}

/// What the former register said.
#[derive(Clone, Copy, Debug)]
pub(super) enum Former {
    /// In force for years.
    Valid,
    /// Ran out.
    Expired,
    /// Its recheck fell due before the law changed, and was not done.
    NotRechecked,
    /// The same, to be rechecked in time.
    ToRecheck,
    /// About to run out, to be renewed.
    ToRenew,
    /// A manager's, about to run out.
    ToExtend,
}

/// What the asker adds to a miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adds {
    /// The day of an exam, so many working days ago.
    Day(u32),
    /// The institution, and a day so many weeks ago on which it held no exam.
    DayWithoutExam(i32),
}

/// A situation.
#[derive(Clone, Debug)]
pub(super) struct Situation {
    /// Its permanent name in the samples.
    pub name: &'static str,
    pub verdict: Verdict,
    /// Of the case that runs, with or without a certificate beside it.
    pub stage: Option<Stage>,
    pub category: Category,
    pub former: Option<Former>,
    pub when: When,
    /// Steps, by working days after the exam day.
    pub steps: Vec<(u32, What)>,
    pub asks: Asks,
    pub adds: Option<Adds>,
    /// The cause that is certain then, with the ticket where there is one.
    pub cause: Option<Cause>,
    /// How many of a hundred people beside the samples are in it.
    pub weight: u32,
}

/// Cards go back with the institution that sent the report.
pub(super) const HANDED_OVER: Command = Command::Deliver {
    to: Handover::Institution,
    note: String::new(),
};

/// The chain when nothing goes wrong: so many working days after the exam each step is done.
fn chain(steps: usize) -> Vec<(u32, What)> {
    let materials = ["照片", "身份证件复印件", "个人健康承诺书"].map(Material::named);
    let all = [
        (3, Command::Confirm),
        (
            4,
            Command::Report {
                materials: materials.to_vec(),
            },
        ),
        (6, Command::Accept),
        (9, Command::Review),
        (12, Command::Approve),
        (
            15,
            Command::Make {
                batch: String::new(),
            },
        ),
        (17, Command::Issue),
        (18, Command::Print),
        (19, HANDED_OVER),
    ];
    let done = all.into_iter().take(steps);
    done.map(|(day, command)| (day, What::Do(command)))
        .collect()
}

const ISSUED: usize = 7;
const DELIVERED: usize = 9;

fn sits(theory: u8, practical: u8) -> What {
    What::Sits {
        kind: Kind::Initial,
        theory: Some(theory),
        practical: Some(practical),
    }
}

fn ground(article: &str, words: &str) -> Ground {
    Ground::new(article, words)
}

impl Situation {
    fn new(name: &'static str, verdict: Verdict, stage: Option<Stage>) -> Self {
        Self {
            name,
            verdict,
            stage,
            category: Category::SpecialOperation,
            former: None,
            when: When::Now,
            steps: Vec::new(),
            asks: Asks::Own,
            adds: None,
            cause: None,
            weight: 1,
        }
    }

    fn running(name: &'static str, stage: Stage, steps: usize) -> Self {
        let mut plan = vec![(0, sits(92, 88))];
        plan.extend(chain(steps));
        Self {
            steps: plan,
            weight: 3,
            ..Self::new(name, Verdict::InProgress, Some(stage))
        }
    }

    fn found(name: &'static str, steps: usize) -> Self {
        let mut plan = vec![(0, sits(92, 88))];
        plan.extend(chain(steps));
        Self {
            steps: plan,
            when: When::Before,
            ..Self::new(name, Verdict::Found, None)
        }
    }

    fn then(mut self, day: u32, what: What) -> Self {
        self.steps.push((day, what));
        self
    }

    fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    fn weighing(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    fn former(name: &'static str, former: Former) -> Self {
        Self {
            former: Some(former),
            ..Self::new(name, Verdict::Found, None)
        }
    }

    /// Replaces the exam of the plan.
    fn sat(mut self, kind: Kind, theory: Option<u8>, practical: Option<u8>) -> Self {
        self.steps[0].1 = What::Sits {
            kind,
            theory,
            practical,
        };
        self
    }
}

/// Every situation, in the order of the table.
pub(super) fn all() -> Vec<Situation> {
    let mut all = certificates();
    all.extend(scoring());
    all.extend(deciding());
    all.extend(misses());
    all
}

fn certificates() -> Vec<Situation> {
    let change = |name, day, act| Situation::found(name, ISSUED).then(day, What::Change(act));
    let mut also_running = Situation::found("certificate_and_case", DELIVERED);
    also_running.steps.push((21, What::SitsForAnother));
    also_running.stage = Some(Stage::Scoring);
    let mut management = Situation::found("safety_management", DELIVERED).weighing(4);
    management.category = Category::SafetyManagement;
    let mut late = Situation::former("management_to_extend", Former::ToExtend).weighing(2);
    late.category = Category::SafetyManagement;
    vec![
        Situation::found("certificate_valid", DELIVERED).weighing(26),
        Situation::found("certificate_just_issued", ISSUED)
            .when(When::Now)
            .weighing(3),
        Situation::found("certificate_of_the_old_law", DELIVERED)
            .when(When::On(date(2026, 4, 14)))
            .weighing(8),
        Situation::former("taken_over", Former::Valid).weighing(14),
        Situation::former("taken_over_expired", Former::Expired).weighing(2),
        Situation::former("taken_over_lapsed", Former::NotRechecked),
        renewal("renewed", Former::ToRenew, Kind::Renewal, When::Before),
        renewal(
            "rechecked",
            Former::ToRecheck,
            Kind::Recheck,
            When::On(date(2026, 4, 10)),
        ),
        change(
            "certificate_suspended",
            24,
            Act::Suspended(ground("行政处罚法", "调查期间暂扣")),
        ),
        change(
            "certificate_revoked",
            24,
            Act::Revoked {
                ground: Ground::of("fraud", "报名材料系伪造"),
                banned_until: None,
            },
        ),
        change(
            "certificate_cancelled",
            24,
            Act::Cancelled(Ground::of("request", "")),
        ),
        also_running,
        management,
        late,
        extended("management_extending", 3, Some(Stage::Qualification)),
        extended("management_extended", DELIVERED, None),
    ]
}

/// Asked for without an exam, so the chain begins with the acceptance.
fn extended(name: &'static str, steps: usize, stage: Option<Stage>) -> Situation {
    let mut plan = vec![(1, What::Extends)];
    plan.extend(chain(steps).into_iter().skip(2));
    Situation {
        category: Category::SafetyManagement,
        former: Some(Former::ToExtend),
        stage,
        steps: plan,
        ..Situation::new(name, Verdict::Found, None)
    }
}

fn renewal(name: &'static str, former: Former, kind: Kind, when: When) -> Situation {
    Situation {
        former: Some(former),
        ..Situation::found(name, DELIVERED)
            .sat(kind, Some(90), Some(85))
            .when(when)
    }
}

fn scoring() -> Vec<Situation> {
    let stage = Stage::Scoring;
    let failed = |name| {
        Situation::running(name, stage, 1)
            .sat(Kind::Initial, Some(91), Some(62))
            .weighing(2)
    };
    let recheck = What::Do(Command::AskScoreRecheck {
        part: Part::Practical,
        reason: "对实操评分有异议".to_owned(),
    });
    vec![
        // Nobody confirmed them, and the law's last day went by.
        Situation::running("scores_missed", stage, 0)
            .then(12, What::Clock)
            .weighing(1),
        Situation::running("registered", stage, 0).sat(Kind::Initial, None, None),
        Situation::running("examined", stage, 0),
        Situation::running("passed", stage, 1),
        Situation {
            cause: Some(Cause::NotPassedOrNotEligible),
            ..failed("not_passed")
        },
        failed("score_recheck_open").then(4, recheck),
        failed("resit_examined").then(5, sits(91, 84)),
        Situation::running("no_sitting_left", stage, 1)
            .sat(Kind::Initial, Some(61), None)
            .then(5, sits(66, 0))
            .then(8, What::Do(Command::Confirm))
            .when(When::On(date(2026, 5, 12)))
            .weighing(1),
    ]
}

fn deciding() -> Vec<Situation> {
    let stage = Stage::Qualification;
    let list = What::Do(Command::Return {
        missing: vec![
            "个人健康承诺书未签名".to_owned(),
            "照片底色不符合要求".to_owned(),
        ],
    });
    let again = What::Do(Command::Resubmit {
        materials: Vec::new(),
        answers: Vec::new(),
    });
    let refuse = What::Do(Command::Refuse {
        ground: ground("行政许可法 art. 32", "不属于本机关职权范围"),
    });
    let reject = What::Do(Command::Reject {
        ground: ground("R30 art. 18", "申报材料与考试记录不一致"),
    });
    let returned = Situation::running("returned", stage, 2).then(6, list.clone());
    let resubmitted = Situation::running("resubmitted", stage, 2)
        .then(6, list)
        .then(8, again);
    vec![
        Situation::running("reported", stage, 2),
        Situation::running("deemed_accepted", stage, 2).then(11, What::Clock),
        returned,
        resubmitted,
        Situation::running("refused", stage, 2)
            .then(7, refuse)
            .weighing(1),
        Situation::running("accepted", stage, 3),
        Situation::running("reviewed", stage, 4),
        Situation::running("heard", stage, 4)
            .then(10, hearing())
            .weighing(1),
        Situation::running("extended", stage, 4)
            .then(11, extension())
            .weighing(1),
        Situation::running("rejected", stage, 4)
            .then(12, reject)
            .weighing(1),
        Situation::running("approved", Stage::Making, 5),
        Situation::running("made", Stage::Making, 6),
    ]
}

/// The day by which it will be over is named on the day it begins.
fn hearing() -> What {
    What::Do(Command::BeginProcedure {
        procedure: Procedure::Hearing,
        until: Date::ZERO,
        notice: "听证通知书〔2026〕1号，已书面送达".to_owned(),
    })
}

fn extension() -> What {
    What::Do(Command::Extend {
        days: 5,
        head: "试例负责人".to_owned(),
        reason: "考试记录需要向考试机构核实".to_owned(),
    })
}

fn misses() -> Vec<Situation> {
    let miss = |name, asks| Situation {
        asks,
        weight: 0,
        verdict: Verdict::NotFound,
        stage: None,
        ..Situation::running(name, Stage::Scoring, 0)
    };
    let nobody = |name, adds, cause| Situation {
        asks: Asks::Nobody,
        adds,
        cause,
        weight: 0,
        ..Situation::new(name, Verdict::NotFound, None)
    };
    let (early, late) = (Adds::Day(2), Adds::DayWithoutExam(6));
    vec![
        miss("another_name", Asks::AnotherName),
        Situation {
            cause: Some(Cause::DetailsMismatch),
            ..miss("details_mismatch", Asks::AnotherNameWithTicket)
        },
        nobody("unknown", None, None),
        nobody("too_early", Some(early), Some(Cause::TooEarly)),
        nobody(
            "institution_problem",
            Some(late),
            Some(Cause::InstitutionProblem),
        ),
    ]
}
