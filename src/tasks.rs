//! Background tasks 后台任务: long work that outlives the request it was begun in, and the program.
//!
//! An officer's request opens a task (`Registry::open_task`) and shows `/console/tasks/{id}`. The
//! serving program takes every unfinished task in turn and does one piece of each, so that a long
//! one keeps no short one waiting and other writers get their turn between two pieces. After a
//! restart a task is begun again from its sealed input and goes on where it stood.
//!
//! A new kind of work is a variant of [`Kind`] and a type with [`Work`]. A piece lasts a second at
//! most, and done twice it leaves what it leaves when done once: the row that counts it is saved
//! after it.

mod kinds;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::record::RecordId;
use jiff::Timestamp;

pub use kinds::Kind;

use crate::{
    clock,
    registry::{Error, Registry, Result, Task, TaskState},
};

/// How long nothing is looked for when there was nothing to do.
const REST: Duration = Duration::from_millis(500);
/// Between two pieces, so that who waits for the writer's turn gets it.
const BREATH: Duration = Duration::from_millis(3);

/// Where a task stands after a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more to do.
    Going {
        /// Pieces done.
        done: u64,
        /// All of them; 0 while that is not known.
        of: u64,
    },
    /// It is done: the word of the sentence `task-said-…`, and the file it leaves to fetch.
    Done {
        /// The word.
        said: &'static str,
        /// The file.
        result: Option<RecordId>,
    },
    /// It cannot be done: the word that says why, and a file that shows where.
    Failed {
        /// The word.
        said: &'static str,
        /// The file.
        result: Option<RecordId>,
    },
}

/// Long work, done piece by piece.
pub trait Work: Send {
    /// Does one piece.
    ///
    /// # Errors
    /// The register's trouble. `Busy` and `StandsStill` are waited out; any other ends the task.
    fn step(&mut self, registry: &Arc<Registry>, now: Timestamp) -> Result<Step>;
}

/// The work in hand, by the task's number.
type Hands = HashMap<RecordId, Box<dyn Work>>;

/// Does what is to be done until it is dropped.
pub async fn run(registry: Arc<Registry>) {
    let mut hands = Hands::new();
    // Whose piece is being done: where it breaks off, that task is to blame.
    let current = Arc::new(AtomicI64::new(0));
    loop {
        let (of, at) = (Arc::clone(&registry), Arc::clone(&current));
        let passed = tokio::task::spawn_blocking(move || {
            let worked = pass(&of, &mut hands, &at);
            (hands, worked)
        });
        let worked = match passed.await {
            Ok((back, worked)) => {
                hands = back;
                worked
            }
            Err(_) => {
                hands = Hands::new();
                broke_off(
                    &registry,
                    RecordId::from_i64(current.load(Ordering::Relaxed)),
                );
                Ok(false)
            }
        };
        match worked {
            Ok(true) => tokio::time::sleep(BREATH).await,
            Ok(false) => tokio::time::sleep(REST).await,
            Err(error) => {
                tracing::warn!(%error, "background tasks");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

fn broke_off(registry: &Arc<Registry>, id: RecordId) {
    tracing::error!(task = %id, "a background task broke off");
    let ended = registry.end_task(id, TaskState::Failed, "internal", None, clock::now());
    if let Err(error) = ended {
        tracing::warn!(%error, "background tasks");
    }
}

/// One piece of every unfinished task; tells whether there was any.
fn pass(registry: &Arc<Registry>, hands: &mut Hands, current: &AtomicI64) -> Result<bool> {
    let tasks = registry.unfinished_tasks()?;
    hands.retain(|id, _| tasks.iter().any(|task| task.id == *id));
    let mut worked = false;
    for task in &tasks {
        current.store(task.id.as_i64(), Ordering::Relaxed);
        worked |= piece(registry, hands, task)?;
        std::thread::sleep(BREATH);
    }
    Ok(worked)
}

/// Does unfinished tasks to their end on this thread: for the command line and for tests.
///
/// # Errors
/// What the register says.
pub fn finish_all(registry: &Arc<Registry>) -> Result<()> {
    let (mut hands, current) = (Hands::new(), AtomicI64::new(0));
    while pass(registry, &mut hands, &current)? {}
    Ok(())
}

/// One piece of one task; tells whether it could be done.
fn piece(registry: &Arc<Registry>, hands: &mut Hands, task: &Task) -> Result<bool> {
    let now = clock::now();
    let stepped = match hands.get_mut(&task.id) {
        Some(work) => work.step(registry, now),
        None => begin(registry, task).and_then(|mut work| {
            let stepped = work.step(registry, now);
            hands.insert(task.id, work);
            stepped
        }),
    };
    let end = |state, said: &str, result| registry.end_task(task.id, state, said, result, now);
    match stepped {
        Ok(Step::Going { done, of }) => {
            if !registry.task_goes_on(task.id, done, of, now)? {
                hands.remove(&task.id);
            }
        }
        Ok(Step::Done { said, result }) => {
            registry.task_goes_on(task.id, task.of.max(1), task.of.max(1), now)?;
            end(TaskState::Done, said, result)?;
            hands.remove(&task.id);
        }
        Ok(Step::Failed { said, result }) => {
            end(TaskState::Failed, said, result)?;
            hands.remove(&task.id);
        }
        Err(Error::Busy | Error::StandsStill) => return Ok(false),
        Err(error) => {
            tracing::error!(task = %task.id, %error, "a background task failed");
            let said = match &error {
                Error::Refused(refusal) => refusal.code(),
                Error::NotFound => "not_found",
                _ => "internal",
            };
            end(TaskState::Failed, said, None)?;
            hands.remove(&task.id);
        }
    }
    Ok(true)
}

fn begin(registry: &Arc<Registry>, task: &Task) -> Result<Box<dyn Work>> {
    let kind = Kind::of(&task.kind).ok_or(Error::NotFound)?;
    let input = registry.task_input(task.id)?;
    kind.begin(registry, task, &input)
}
