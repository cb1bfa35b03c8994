//! What a node has learnt from its cases, and what it therefore expects: the estimator fed from the
//! register.
//!
//! The registry gives milestones, which name no person. A case is followed from step to step, and
//! each step that ended is told to the estimator of its kind. What is learnt today is used from
//! tomorrow on, so that everybody who asks on one day is told the same; but for a day that brings
//! more than all before it, such as a nation's first.

mod limits;
pub mod waiting;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use domain::{
    calendar::Calendar,
    office::OfficeCode,
    record::RecordId,
    verdict::{Kind, Stage},
};
use forecast::{Track, brief};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Time},
    tz::Offset,
};

use crate::{
    estimate::{Answer, Estimator, Question, Wrong},
    registry::{Milestone, Passed, Place, Reading, Registry, Result},
    schedule::Schedule,
};
use waiting::Tally;

/// How far back the journal is read when a node starts: what is older is forgotten anyway.
const BACK: SignedDuration = SignedDuration::from_hours(24 * 300);
/// So many answers of one day are kept ready.
const READY: usize = 20_000;
/// Slots of a schedule are told so many days back and ahead.
const SLOTS: [i64; 2] = [300, 500];

/// Whose journals are learnt from, and when they go to the nation.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The code of the node's own province; empty where it has none.
    pub own: String,
    /// When the node's own journal goes to a nation; none where it goes to nobody.
    pub schedule: Option<Schedule>,
    /// The provinces that are followed, by code.
    pub provinces: BTreeMap<String, Schedule>,
}

/// Where a case is, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Where {
    /// The province's code.
    pub province: Option<String>,
    /// The authority's code.
    pub authority: Option<String>,
    /// The institution's code.
    pub institution: Option<String>,
}

/// A case between two milestones.
struct Running {
    place: Box<Place>,
    /// The step it is in and the day it entered it; none before its exam.
    step: Option<(usize, Date)>,
    /// The day it entered its stage.
    stage: Option<Date>,
}

/// What is told of everybody who asks the same on the same day.
#[derive(PartialEq, Eq, Hash)]
struct Asked {
    place: Where,
    kind: Kind,
    stage: Option<Stage>,
    exam: Date,
    since: Option<Date>,
    as_of: Date,
}

/// What is known of how long things take, and what is expected.
pub struct Outlook {
    estimator: Estimator,
    running: HashMap<RecordId, Running>,
    /// Where an authority or institution was seen: what stands above it.
    above: HashMap<String, Where>,
    sources: Sources,
    today: Option<Date>,
    steering: Steering,
    /// Milestones taken in so far, and how many of them when the day was last begun.
    taken: [usize; 2],
    ready: Mutex<HashMap<Asked, Arc<Answer>>>,
    tally: Tally,
    /// The first day on which something of a province became queryable nationwide.
    began: HashMap<String, Date>,
    /// How many wait where, by step and by the day they entered it: counted as they come and go, so
    /// that no page goes through all of them.
    waits: HashMap<(String, OfficeCode, OfficeCode), [HashMap<Date, u64>; 7]>,
    /// Limits that run out soon or have, as they were when last looked at.
    looked: limits::Looked,
}

/// What became of earlier estimates, as it steers those of a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steering {
    /// By why the certificate is applied for: each kind has a model of its own.
    pub tracks: BTreeMap<Kind, Track>,
    /// The share of the last 80 % dates that held; none where too few were given.
    pub record: Option<f64>,
}

impl Outlook {
    /// One that has learnt nothing yet.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        Self {
            estimator: Estimator::new(Calendar::shipped()),
            running: HashMap::new(),
            above: HashMap::new(),
            sources,
            today: None,
            steering: Steering::default(),
            taken: [0; 2],
            ready: Mutex::default(),
            tally: Tally::default(),
            began: HashMap::new(),
            waits: HashMap::new(),
            looked: limits::Looked::default(),
        }
    }

    /// Follows one case one step further. Tells the day on which it became queryable, if it did.
    fn take(&mut self, milestone: Milestone) -> Option<(RecordId, Date)> {
        let Milestone { case, day, passed } = milestone;
        self.taken[0] += 1;
        let next = match passed {
            Passed::Registered(place) => {
                self.note(&place);
                let running = Running {
                    place,
                    step: None,
                    stage: None,
                };
                // Read once more from the beginning, the case is still one case.
                if let Some(former) = self.running.insert(case, running) {
                    self.count(&former, false);
                }
                return None;
            }
            Passed::Sat => Some(brief::SCORING),
            Passed::Confirmed => Some(brief::REPORT),
            Passed::Reported => Some(brief::ACCEPTANCE),
            Passed::Returned => Some(brief::CORRECTION),
            Passed::Accepted => Some(brief::DECISION),
            Passed::Approved => Some(brief::MAKING),
            Passed::Issued => Some(brief::SYNC),
            Passed::NotPassed => None,
            Passed::National | Passed::Ended => {
                let running = self.running.remove(&case)?;
                self.count(&running, false);
                let end = (passed == Passed::National).then_some(());
                let counts = end.is_some() && self.waited_for_a_slot(&running, day);
                self.finish_stage(&running, day, counts.then_some(0));
                self.leave(&running, day, counts.then_some(0));
                return end.map(|()| (case, day));
            }
        };
        let mut running = self.running.remove(&case)?;
        self.count(&running, false);
        let was = running.step.map(|(step, _)| step);
        let stage = |step: Option<usize>| step.map(waiting::stage);
        if stage(was) != stage(next) || outcome(was, next).is_none() {
            self.finish_stage(&running, day, outcome(was, next));
            running.stage = next.map(|_| day);
        }
        // A second part, or a resit before publication: the exam was later than was known.
        self.leave(&running, day, outcome(was, next));
        running.step = next.map(|step| (step, day));
        if next == Some(brief::SYNC) && self.goes_nowhere(&running.place) {
            self.arrive(&running.place, day);
            return Some((case, day));
        }
        if let Some((step, since)) = running.step {
            let (place, since) = (self.path(&running.place), self.estimator.day(since));
            if let Some(model) = self.estimator.model(running.place.kind) {
                let place = model.place(&words(&place));
                model.enter(place, step, since);
            }
        }
        self.count(&running, true);
        self.running.insert(case, running);
        None
    }

    /// A case leaves its step, by an outcome or by none that the chain knows.
    fn leave(&mut self, running: &Running, day: Date, outcome: Option<usize>) {
        let Some((step, since)) = running.step else {
            return;
        };
        let month = day;
        let (since, day) = (self.estimator.day(since), self.estimator.day(day));
        if outcome.is_some() {
            let place = &running.place;
            let institution = waiting::OF_INSTITUTION.contains(&step);
            let institution = institution.then_some(&place.institution);
            for office in [Some(&place.authority), institution].into_iter().flatten() {
                if let Some(paces) = self.tally.of(month, office) {
                    paces.steps[step].add(day - since);
                }
            }
        }
        let place = self.path(&running.place);
        let Some(model) = self.estimator.model(running.place.kind) else {
            return;
        };
        let place = model.place(&words(&place));
        match outcome {
            Some(outcome) => model.leave(place, step, since, day, outcome),
            None => model.withdraw(place, step, since),
        }
    }

    /// A certificate is queryable on the day it was issued: nothing of its way is left.
    fn arrive(&mut self, place: &Place, day: Date) {
        let (path, day) = (self.path(place), self.estimator.day(day));
        if let Some(model) = self.estimator.model(place.kind) {
            let place = model.place(&words(&path));
            model.enter(place, brief::SYNC, day);
            model.leave(place, brief::SYNC, day, day, 0);
        }
    }

    /// What was issued before its province's feed began waited for the feed, and says nothing of how
    /// long a slot takes.
    fn waited_for_a_slot(&mut self, running: &Running, day: Date) -> bool {
        let [province, ..] = self.path(&running.place);
        let began = *self.began.entry(province).or_insert(day);
        running.step.is_some_and(|(_, since)| since >= began)
    }

    /// A case leaves its stage, by an outcome or by none that the chain knows.
    fn finish_stage(&mut self, running: &Running, day: Date, outcome: Option<usize>) {
        let (Some((step, _)), Some(since), Some(_)) = (running.step, running.stage, outcome) else {
            return;
        };
        let days = self.estimator.day(day) - self.estimator.day(since);
        if let Some(paces) = self.tally.of(day, &running.place.authority) {
            paces.stages[waiting::stage(step)].add(days);
        }
    }

    /// Whether a certificate is queryable as soon as it is issued: its journal goes to nobody.
    fn goes_nowhere(&self, place: &Place) -> bool {
        place.province.is_empty() && self.sources.schedule.is_none()
    }

    fn path(&self, place: &Place) -> [String; 3] {
        let province = if place.province.is_empty() {
            &self.sources.own
        } else {
            &place.province
        };
        [
            province.clone(),
            place.authority.as_str().to_owned(),
            place.institution.as_str().to_owned(),
        ]
    }

    /// Remembers what stands above an office.
    fn note(&mut self, place: &Place) {
        let [province, authority, institution] = self.path(place);
        if !self.above.contains_key(&institution) {
            let province = Some(province);
            let above = Where {
                province: province.clone(),
                ..Where::default()
            };
            self.above.insert(authority.clone(), above);
            let above = Where {
                province,
                authority: Some(authority),
                institution: None,
            };
            self.above.insert(institution, above);
        }
    }

    /// A new day: what was learnt up to yesterday is used, and the slots ahead are told. A day on
    /// which more came to be known than all before, such as a nation's first, is begun again.
    fn begin(&mut self, today: Date) {
        let [taken, before] = self.taken;
        if self.today == Some(today) && taken <= before.saturating_mul(2) {
            return;
        }
        self.today = Some(today);
        self.taken[1] = taken;
        let own = self.sources.schedule.map(|s| (self.sources.own.clone(), s));
        let provinces = self.sources.provinces.clone();
        let number = self.estimator.today(today);
        for (province, schedule) in provinces.into_iter().chain(own) {
            let days = slots(&self.estimator, schedule, today);
            for kind in KINDS {
                if let Some(model) = self.estimator.model(kind) {
                    let place = model.place(&[&province]);
                    if let Some(days) = &days {
                        model.set_slots(place, brief::SYNC, days.clone());
                    }
                    model.set_waits(place, brief::SYNC, &waits(schedule));
                }
            }
        }
        for kind in KINDS {
            if let Some(model) = self.estimator.model(kind) {
                model.begin(number);
            }
        }
        self.ready
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// What is expected for a case of which so much is known.
    ///
    /// # Errors
    /// Days that contradict each other.
    pub fn ask(&self, place: &Where, question: Question) -> Result<Arc<Answer>, Wrong> {
        let asked = Asked {
            place: place.clone(),
            kind: question.kind,
            stage: question.stage,
            exam: question.exam,
            since: question.since,
            as_of: question.as_of,
        };
        let ready = |m: &Mutex<HashMap<Asked, Arc<Answer>>>| {
            let ready = m.lock().unwrap_or_else(PoisonError::into_inner);
            ready.get(&asked).cloned()
        };
        if let Some(answer) = ready(&self.ready) {
            return Ok(answer);
        }
        let place = self.known(place);
        let question = Question { place, ..question };
        let mut answer = match self.steering.tracks.get(&question.kind) {
            Some(track) => self.estimator.ask_steered(&question, track)?,
            None => self.estimator.ask(&question)?,
        };
        answer.track_record = self.steering.record;
        let answer = Arc::new(answer);
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.len() < READY {
            ready.insert(asked, Arc::clone(&answer));
        }
        Ok(answer)
    }

    /// The path to a place; what stands above an office that was seen is filled in.
    fn known(&self, place: &Where) -> Vec<String> {
        // The deepest that was seen tells: an institution may be new where its authority is not.
        let mut told = place.institution.iter().chain(&place.authority);
        let above = told.find_map(|code| self.above.get(code));
        let of = |given: &Option<String>, above: Option<&Option<String>>| {
            given.clone().or_else(|| above.cloned().flatten())
        };
        let province = of(&place.province, above.map(|w| &w.province));
        let authority = of(&place.authority, above.map(|w| &w.authority));
        [province, authority, place.institution.clone()]
            .into_iter()
            .map_while(|part| part)
            .collect()
    }

    /// What is expected from now on is steered so.
    pub fn steer(&mut self, steering: Steering) {
        self.steering = steering;
        let ready = self.ready.get_mut();
        ready.unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The province of a place, as far as it is known; the node's own where nothing is.
    #[must_use]
    pub fn province(&self, place: &Where) -> String {
        let known = self.known(place).into_iter().next();
        known.unwrap_or_else(|| self.sources.own.clone())
    }

    /// How many cases are under way, as far as they are followed.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }
}

/// Reads the register for an outlook that others ask meanwhile.
#[derive(Default)]
pub struct Learner {
    reading: Reading,
    /// Something was taken in that limits were not looked at with.
    is_new: bool,
    /// When limits were looked at.
    looked: Option<Timestamp>,
}

impl Learner {
    /// Reads what the register has recorded since the last time, and begins a new day when one has
    /// begun. Gives the cases that became queryable nationwide, with the day. Whoever asks waits
    /// only while a page of milestones is taken in.
    ///
    /// # Errors
    /// What the database says; what was taken in before stays.
    pub fn learn(
        &mut self,
        outlook: &RwLock<Outlook>,
        registry: &Registry,
        now: Timestamp,
    ) -> Result<Vec<(RecordId, Date)>> {
        let from = now.saturating_sub(BACK).unwrap_or(now);
        let mut arrived = Vec::new();
        let is_new = &mut self.is_new;
        registry.milestones(&mut self.reading, from, &mut |milestones| {
            *is_new |= !milestones.is_empty();
            let mut outlook = outlook.write().unwrap_or_else(PoisonError::into_inner);
            arrived.extend(milestones.into_iter().filter_map(|m| outlook.take(m)));
        })?;
        let today = domain::event::legal_day(now);
        let mut writing = outlook.write().unwrap_or_else(PoisonError::into_inner);
        writing.begin(today);
        drop(writing);
        self.look_at_limits(outlook, registry, now)?;
        Ok(arrived)
    }
}

const KINDS: [Kind; 5] = [
    Kind::Initial,
    Kind::Recheck,
    Kind::Renewal,
    Kind::Replacement,
    Kind::Reissue,
];

fn words(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

/// The outcome by which a step is left for another, as `brief::chain` counts them; none where the
/// chain has none.
fn outcome(was: Option<usize>, next: Option<usize>) -> Option<usize> {
    match (was?, next) {
        // Confirmed and not passed: the scores took as long.
        (brief::SCORING, None | Some(brief::REPORT)) => Some(0),
        (brief::ACCEPTANCE, Some(brief::CORRECTION)) => Some(1),
        (brief::REPORT, Some(brief::ACCEPTANCE))
        | (brief::ACCEPTANCE, Some(brief::DECISION))
        | (brief::CORRECTION, Some(brief::ACCEPTANCE))
        | (brief::DECISION, Some(brief::MAKING))
        | (brief::MAKING, Some(brief::SYNC)) => Some(0),
        _ => None,
    }
}

/// The numbers of the days on which a schedule sends, some time back and ahead; none when it sends
/// at once.
fn slots(estimator: &Estimator, schedule: Schedule, today: Date) -> Option<Vec<i32>> {
    let moment = |days: i64| {
        let day = today.checked_add(days.days()).ok()?;
        Offset::constant(8)
            .to_timestamp(day.to_datetime(Time::midnight()))
            .ok()
    };
    let (mut at, end) = (moment(-SLOTS[0])?, moment(SLOTS[1])?);
    let mut days = Vec::new();
    while let Some(slot) = schedule.next_slot(at).filter(|slot| *slot < end) {
        days.push(estimator.today(domain::event::legal_day(slot)));
        at = slot;
    }
    Some(days).filter(|days| !days.is_empty())
}

/// How many slots a certificate waits: none when it goes at once, else the next one, since a slot
/// on the very day was most likely before it was issued.
fn waits(schedule: Schedule) -> [f64; 3] {
    match schedule {
        Schedule::Streaming => [0.97, 0.9, 0.9],
        Schedule::Daily(_) | Schedule::Weekly(..) | Schedule::HalfMonthly(_) => [0.03, 0.97, 0.9],
    }
}
