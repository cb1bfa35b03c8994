//! Time that the law takes out of a decision's limit, or adds to it; each told to the applicant in
//! writing. Only while a decision is due: what the applicant puts right before acceptance stops no
//! limit of a decision.

use super::{Case, State};
use crate::{
    event::{Act, Event},
    law,
    refusal::Refusal,
};

impl Case {
    /// Begins or ends a hearing, an inspection or an expert review (行政许可法 art. 45), or puts the
    /// decision off (art. 42). The state stays as it is.
    pub(super) fn timed(self, event: &Event) -> Result<Self, Refusal> {
        if !matches!(self.state, State::Accepted { .. } | State::Reviewed { .. }) {
            return Err(Refusal::WrongState);
        }
        let open = self.timing.paused().is_some();
        match &event.act {
            Act::ProcedureEnded if open => {}
            Act::ProcedureEnded => return Err(Refusal::NoProcedureOpen),
            // One at a time, and no limit is put off while it stands still.
            _ if open => return Err(Refusal::ProcedureOpen),
            Act::ProcedureBegun { until, notice, .. } => {
                if notice.trim().is_empty() || *until < event.day() {
                    return Err(Refusal::NoticeMissing);
                }
            }
            Act::DecisionExtended { days, head, reason } => {
                if self.timing.extension.is_some() {
                    return Err(Refusal::AlreadyExtended);
                }
                if *days == 0 || *days > law::named(event.law).extend.value {
                    return Err(Refusal::ExtensionTooLong);
                }
                if head.trim().is_empty() || reason.trim().is_empty() {
                    return Err(Refusal::NoticeMissing);
                }
            }
            _ => return Err(Refusal::WrongState),
        }
        Ok(self)
    }
}
