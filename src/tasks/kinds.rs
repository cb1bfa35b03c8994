//! Every kind of background task, in one place. A new one is a variant here, its word in
//! `locales/` (`task-kind-…`), and a type with [`Work`] beside the module whose work it is.

use std::{
    io::{self, Write},
    sync::Arc,
};

use domain::{office::Role, record::RecordId};
use jiff::Timestamp;

use super::{Step, Work, report::Report};
use crate::{
    clock,
    papers::sheet::SheetError,
    registry::{Draft, Error, FileReader, Officer, Registry, Result, Task},
    takeover::{Checking, Plan, Reading, TakeoverError, Taking, open_header},
};

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A former register's list is checked; nothing is changed.
    TakeoverCheck,
    /// The rows of a released batch are taken over.
    TakeoverTake,
    /// Everything of an institution that is passed is reported.
    Report,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::TakeoverCheck, Self::TakeoverTake, Self::Report];

    /// The permanent word, kept with the task.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TakeoverCheck => "takeover_check",
            Self::TakeoverTake => "takeover_take",
            Self::Report => "report",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whose work it is: what it leaves names people, and nobody else of the office fetches it.
    #[must_use]
    pub fn is_for(self, officer: &Officer) -> bool {
        let roles: &[Role] = match self {
            Self::TakeoverCheck | Self::TakeoverTake => &[Role::Issuer, Role::Approver],
            Self::Report => &[Role::InstitutionClerk, Role::InstitutionLead],
        };
        roles.iter().any(|role| officer.roles.contains(role))
    }

    /// Begins the work of a task, or begins it again after a restart.
    ///
    /// # Errors
    /// What its input names does not exist; what the database says.
    pub fn begin(
        self,
        registry: &Arc<Registry>,
        task: &Task,
        input: &[u8],
    ) -> Result<Box<dyn Work>> {
        let by = registry.officer(&task.login)?;
        // The officer may have gone to another office since.
        if by.office != task.office {
            return Err(Error::NotFound);
        }
        Ok(match self {
            Self::TakeoverCheck => Box::new(Check::begin(registry, of_input(input)?, &by)?),
            Self::TakeoverTake => Box::new(Take::begin(registry, of_input(input)?, &by)?),
            Self::Report => Box::new(Report::begin(task, by)),
        })
    }
}

/// A task about one record is begun with its number.
fn of_input(input: &[u8]) -> Result<RecordId> {
    let text = std::str::from_utf8(input).map_err(|_| Error::NotFound)?;
    text.parse().map_err(|_| Error::NotFound)
}

/// A list that cannot be read is told to the officer; the register's trouble is trouble.
fn of_list(error: TakeoverError) -> Result<Step> {
    match error {
        TakeoverError::Register(e) => Err(e),
        TakeoverError::Sheet(SheetError::Io(e)) => {
            tracing::error!(error = %e.kind(), "a sealed file cannot be read");
            Err(Error::Internal("tasks::kinds"))
        }
        TakeoverError::Sheet(e) => Ok(Step::Failed {
            said: e.code(),
            result: None,
        }),
    }
}

/// Writes into a sealed file.
struct Sealed {
    registry: Arc<Registry>,
    draft: Draft,
}

impl Write for Sealed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.draft.write(&self.registry, bytes);
        written.map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Check {
    takeover: RecordId,
    /// What it is checked by, as it is kept.
    plan: String,
    size: u64,
    checking: Option<Checking<Sealed>>,
    unreadable: Option<SheetError>,
}

impl Check {
    fn begin(registry: &Arc<Registry>, takeover: RecordId, by: &Officer) -> Result<Self> {
        let desk = registry.takeover(takeover, &by.office)?;
        let file = registry.file(desk.file.ok_or(Error::NotFound)?)?;
        let mut check = Self {
            takeover,
            plan: desk.plan,
            size: file.size,
            checking: None,
            unreadable: None,
        };
        let today = clock::today();
        let source = || FileReader::new(Arc::clone(registry), file.clone());
        let format = match open_header(source()) {
            Ok((format, _)) => format,
            Err(e) => {
                check.unreadable = Some(e);
                return Ok(check);
            }
        };
        let kind = if format == crate::papers::sheet::Format::Csv {
            "csv"
        } else {
            "xlsx"
        };
        let out = Sealed {
            registry: Arc::clone(registry),
            draft: registry.begin_file(&by.office, &by.login, kind, clock::now())?,
        };
        let plan = Plan::from_json(&check.plan);
        let catalogue = registry.catalogue().clone();
        let reading = Reading::begin(source(), plan.clone(), catalogue, today, 0);
        let checking = Checking::new(reading, plan, today, format, out);
        check.checking = Some(checking.map_err(|_| Error::Internal("tasks::check"))?);
        Ok(check)
    }
}

impl Work for Check {
    fn step(&mut self, registry: &Arc<Registry>, _: Timestamp) -> Result<Step> {
        if let Some(e) = self.unreadable.take() {
            return of_list(TakeoverError::Sheet(e));
        }
        let checking = self.checking.as_mut();
        let checking = checking.ok_or(Error::Internal("tasks::check"))?;
        match checking.step(registry) {
            Ok(true) => Ok(Step::Going {
                done: checking.bytes(),
                of: self.size,
            }),
            Ok(false) => {
                let whole = self.checking.take();
                let whole = whole.ok_or(Error::Internal("tasks::check"))?;
                let (summary, out) = match whole.finish() {
                    Ok(finished) => finished,
                    Err(e) => return of_list(e.into()),
                };
                let sheet = out.draft.finish(registry)?;
                if !registry.sum_up_takeover(self.takeover, &self.plan, &summary.to_json())? {
                    return Ok(Step::Failed {
                        said: "plan_changed",
                        result: None,
                    });
                }
                Ok(Step::Done {
                    said: if summary.faulty > 0 {
                        "checked_faults"
                    } else {
                        "checked"
                    },
                    result: (summary.faulty > 0).then_some(sheet.id),
                })
            }
            Err(e) => of_list(e),
        }
    }
}

struct Take {
    takeover: RecordId,
    by: Officer,
    count: u32,
    file: RecordId,
    /// None once every row was decided on.
    taking: Option<Taking>,
}

impl Take {
    fn begin(registry: &Arc<Registry>, takeover: RecordId, by: &Officer) -> Result<Self> {
        let desk = registry.takeover(takeover, &by.office)?;
        let file = registry.file(desk.file.ok_or(Error::NotFound)?)?;
        let mut batches = registry.batches(by)?.into_iter();
        let batch = batches
            .find(|b| Some(b.id) == desk.batch)
            .ok_or(Error::NotFound)?;
        if batch.sha256 != file.sha256 {
            return Err(Error::Conflict);
        }
        let id = file.id;
        let taking = batch.tally.is_none().then(|| {
            let source = FileReader::new(Arc::clone(registry), file);
            let plan = Plan::from_json(&desk.plan);
            let (catalogue, today) = (registry.catalogue().clone(), clock::today());
            let reading = Reading::begin(source, plan, catalogue, today, desk.position);
            Taking::new(takeover, by.clone(), reading)
        });
        Ok(Self {
            takeover,
            by: by.clone(),
            count: batch.count,
            file: id,
            taking,
        })
    }
}

impl Work for Take {
    fn step(&mut self, registry: &Arc<Registry>, now: Timestamp) -> Result<Step> {
        let stepped = match &mut self.taking {
            Some(taking) => taking.step(registry, now),
            None => Ok(false),
        };
        match stepped {
            Ok(true) => {
                let desk = registry.takeover(self.takeover, &self.by.office)?;
                Ok(Step::Going {
                    done: desk.rows.into(),
                    of: self.count.into(),
                })
            }
            Ok(false) => {
                // Nobody needs the list any more: its digest stands in the journal.
                registry.empty_file(self.file)?;
                Ok(Step::Done {
                    said: "taken",
                    result: None,
                })
            }
            Err(e) => of_list(e),
        }
    }
}
