//! `kecha import FILE --check`: what would be taken, what would not, and why.
//!
//! Answers go to standard output, progress and sentences to standard error. It writes nothing but
//! the marked sheet, where one is asked for, and needs no node folder.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use domain::{
    catalogue::Catalogue,
    roster::{Column, Judged, Row},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::civil::Date;

use super::{
    ask::{As, Folder, words},
    take,
};
use crate::{
    clock,
    intake::IntakeError,
    papers::sheet::{self, Format, Line, Marker, Role, SheetError, Summary},
};

/// Exit codes of a check.
const SOME_REFUSED: u8 = 2;
const UNREADABLE: u8 = 1;

/// Check an exam sheet
#[derive(Args)]
pub struct Import {
    /// The sheet: .xlsx, .xls or .csv, told by its content
    file: PathBuf,
    /// Only check; take nothing
    #[arg(long)]
    check: bool,
    /// Answer as JSON on standard output
    #[arg(long, requires = "check")]
    json: bool,
    /// The day the check is made for (default: today in China)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    today: Option<Date>,
    /// Write the sheet again with the errors marked: .csv for a .csv, else .xlsx
    #[arg(long, value_name = "OUT", requires = "check")]
    marked: Option<PathBuf>,
    #[command(flatten)]
    folder: Folder,
    /// The login of the institution's clerk who takes the sheet
    #[arg(long = "as", value_name = "LOGIN", conflicts_with = "check")]
    login: Option<String>,
    /// Take the good rows of a sheet with bad ones
    #[arg(long, conflicts_with = "check")]
    take_good: bool,
}

impl Import {
    /// Runs the check.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        if !self.check {
            return self.take();
        }
        match self.check_file() {
            Ok(summary) => {
                let (good, bad) = (summary.accepted.to_string(), summary.refused.to_string());
                say(&words().with("cli-checked", &[("good", &good), ("bad", &bad)]));
                if summary.refused == 0 {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::from(SOME_REFUSED)
                }
            }
            Err(e) => {
                say(&unreadable(&self.file, &e));
                ExitCode::from(UNREADABLE)
            }
        }
    }

    fn take(&self) -> ExitCode {
        let Some(login) = &self.login else {
            say(&words().say("cli-import-needs"));
            return ExitCode::from(UNREADABLE);
        };
        let by = As {
            officer: login.clone(),
        };
        take::run(&self.file, &self.folder, &by, self.take_good).unwrap_or_else(|e| {
            say(&match e.downcast_ref() {
                Some(IntakeError::Sheet(e)) => unreadable(&self.file, e),
                _ => format!("{}: {e}", self.file.display()),
            });
            ExitCode::from(UNREADABLE)
        })
    }

    fn check_file(&self) -> Result<Summary, SheetError> {
        let mut file = File::open(&self.file)?;
        let format = sheet::format_of(&mut file)?;
        let bar = progress(file.metadata()?.len());
        let catalogue = Catalogue::shipped();
        let today = self.today.unwrap_or_else(clock::today);
        let mut marked = match &self.marked {
            Some(path) => {
                refuse_same_file(&self.file, path)?;
                Some((
                    Marker::new(BufWriter::new(File::create(path)?), format, &catalogue),
                    path,
                ))
            }
            None => None,
        };
        let mut answer = Answer::new(self.json, format);
        let mut no_place = 0_u64;
        let reader = BufReader::new(bar.wrap_read(file));
        let result = sheet::check(reader, &catalogue, today, &mut |line, judged| {
            if let Some((marker, _)) = &mut marked {
                marker.line(line, judged)?;
            }
            let Some(judged) = judged else { return Ok(()) };
            let known = |row: &Row| row.document.address_is_known();
            no_place += u64::from(!judged.outcome.as_ref().map_or(true, known));
            answer.row(line, judged, &catalogue)
        });
        bar.finish_and_clear();
        let summary = result?;
        answer.finish()?;
        if no_place > 0 {
            say(&words().with("cli-no-place", &[("n", &no_place.to_string())]));
        }
        if let Some((marker, path)) = marked {
            marker.finish()?;
            let file = path.display().to_string();
            say(&words().with("cli-marked", &[("file", &file)]));
        }
        if let Some(sentence) = left_out(summary.left_out) {
            say(&sentence);
        }
        Ok(summary)
    }
}

/// What is said of sheets that nobody read.
pub(super) fn left_out(sheets: usize) -> Option<String> {
    (sheets > 0).then(|| words().with("cli-left-out", &[("n", &sheets.to_string())]))
}

fn unreadable(file: &Path, e: &SheetError) -> String {
    let (file, why) = (file.display().to_string(), e.sentence(words()));
    let said = [("file", &*file), ("why", &*why), ("code", e.code())];
    words().with("cli-unreadable", &said)
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|e: jiff::Error| e.to_string())
}

fn refuse_same_file(source: &Path, out: &Path) -> Result<(), SheetError> {
    let same = match (source.canonicalize(), out.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if same {
        Err(SheetError::Output(words().say("cli-same-file")))
    } else {
        Ok(())
    }
}

/// A bar on standard error; it hides itself where nobody watches.
pub(super) fn progress(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// One sentence to standard error; nobody can be told when that is closed.
fn say(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

/// The answer on standard output. A csv streams; of a workbook nothing is printed before all of it
/// was read, so that a broken file leaves no half answer.
struct Answer {
    json: bool,
    out: Out,
    rows: u64,
}

enum Out {
    Stream(BufWriter<io::Stdout>),
    Held(Vec<u8>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(out) => out.write(bytes),
            Self::Held(held) => held.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(out) => out.flush(),
            Self::Held(held) => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(held)?;
                held.clear();
                stdout.flush()
            }
        }
    }
}

impl Answer {
    fn new(json: bool, format: Format) -> Self {
        let out = if format == Format::Csv {
            Out::Stream(BufWriter::with_capacity(1 << 16, io::stdout()))
        } else {
            Out::Held(Vec::new())
        };
        Self { json, out, rows: 0 }
    }

    fn row(
        &mut self,
        line: &Line<'_>,
        judged: &Judged,
        catalogue: &Catalogue,
    ) -> Result<(), SheetError> {
        if self.json {
            self.out.write_all(if self.rows == 0 {
                b"{\"rows\":[\n"
            } else {
                b",\n"
            })?;
            self.rows += 1;
            write!(self.out, "{{\"row\":{},", line.number)?;
            self.json_outcome(judged)?;
            self.out.write_all(b"}")?;
            return Ok(());
        }
        let Err(reasons) = &judged.outcome else {
            return Ok(());
        };
        for reason in reasons {
            let meant = match (&line.role, reason.column) {
                (Role::Candidate(raw), Column::Item) => {
                    sheet::candidates(raw.get(Column::Item), catalogue, words())
                }
                _ => String::new(),
            };
            let (column, code) = (reason.column.header(), reason.code.as_str());
            let sentence = sheet::sentence(reason.code, words());
            let row = words().with("cli-row", &[("n", &line.number.to_string())]);
            writeln!(self.out, "{row}\t{column}\t{code}\t{sentence}{meant}")?;
        }
        Ok(())
    }

    fn json_outcome(&mut self, judged: &Judged) -> Result<(), SheetError> {
        let written = |e: serde_json::Error| SheetError::Output(e.to_string());
        match &judged.outcome {
            Ok(row) => {
                self.out.write_all(b"\"accept\":")?;
                serde_json::to_writer(&mut self.out, &row.expose()).map_err(written)
            }
            Err(reasons) => {
                let mut codes: Vec<&str> = reasons.iter().map(|r| r.code.as_str()).collect();
                codes.dedup();
                self.out.write_all(b"\"reject\":")?;
                serde_json::to_writer(&mut self.out, &codes).map_err(written)
            }
        }
    }

    fn finish(mut self) -> Result<(), SheetError> {
        if self.json {
            self.out.write_all(if self.rows == 0 {
                b"{\"rows\":[]}\n"
            } else {
                b"\n]}\n"
            })?;
        }
        self.out.flush()?;
        Ok(())
    }
}
