//! The event log as comma-separated lines, in the form process mining reads.

use std::io::{self, Write};

use domain::verdict::Kind;

use super::{case::Case, scenario::Scenario};

/// Writes cases to a file, one event a line.
pub struct EventLog<'s, W> {
    out: W,
    scenario: &'s Scenario,
}

impl<'s, W: Write> EventLog<'s, W> {
    /// Begins with the header.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(mut out: W, scenario: &'s Scenario) -> io::Result<Self> {
        out.write_all(
            b"case,activity,timestamp,authority,institution,kind,province,item,exam_date\n",
        )?;
        Ok(Self { out, scenario })
    }

    /// Writes one case.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, case: &Case) -> io::Result<()> {
        let tail = format!(
            ",{},{},{},P{:02},{},{}",
            case.authority_name(),
            case.institution_name(),
            kind_word(case.kind),
            case.province + 1,
            self.scenario.item(case.item),
            case.exam_date,
        );
        let (province, number) = (case.province + 1, case.number + 1);
        for event in &case.events {
            writeln!(
                self.out,
                "P{province:02}-{number:06},{},{}+08:00{tail}",
                event.what.word(case.kind),
                event.at(),
            )?;
        }
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn end(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// The permanent word of a kind.
pub(super) fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Initial => "initial",
        Kind::Recheck => "recheck",
        Kind::Renewal => "renewal",
        Kind::Replacement => "replacement",
        Kind::Reissue => "reissue",
    }
}
