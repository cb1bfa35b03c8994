//! What those who are signed in must know on every page: what stands still, and which entries are
//! in quarantine. Entries and records are named by their numbers; nothing else is told of them.

use std::sync::{Arc, PoisonError};

use super::{
    App,
    lang::{Code, Sentences},
    page,
};
use crate::registry::{Alarm, Alarms, Quarantined, Registry};

/// So many entries are named; the page of the feeds names the rest.
const NAMED: usize = 5;

impl App {
    /// Reads anew what is to be looked at.
    pub(super) async fn refresh_alarms(self: &Arc<Self>) {
        if let Ok(alarms) = self.run(Registry::alarms).await {
            *self.alarms.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(alarms);
        }
    }

    /// What is to be looked at, as it was last read.
    pub(super) fn alarms(&self) -> Arc<Alarms> {
        Arc::clone(&self.alarms.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The name of a province that is followed; its code where the settings do not name it.
    pub(super) fn province_name(&self, code: &str) -> String {
        let followed = self.followed.iter().find(|f| f.code == code);
        followed.map_or_else(|| code.to_owned(), |f| f.name.clone())
    }

    /// The alarms in words.
    pub(super) fn alarms_told(&self, lang: Code) -> Vec<String> {
        let alarms = self.alarms();
        let t = self.sentences(lang);
        let mut told = Vec::new();
        if let Some(own) = &alarms.own {
            told.push(t.with("alarm-still", &[("time", &page::moment(own.since))]));
        }
        if let Some(alarm) = &alarms.told {
            told.push(self.standing(t, "alarm-told", "told-hold", alarm));
        }
        for alarm in &alarms.held {
            told.push(self.standing(t, "alarm-held", "feed-hold", alarm));
        }
        for one in alarms.unseen.iter().take(NAMED) {
            told.push(self.set_aside(t, one));
        }
        let more = alarms.unseen_count.saturating_sub(NAMED as u64);
        if more > 0 {
            told.push(t.with("alarm-more", &[("n", &more.to_string())]));
        }
        told.extend(self.record_alarm(t));
        told
    }

    fn standing(&self, t: &Sentences, key: &str, of: &str, alarm: &Alarm) -> String {
        let values = [
            ("province", self.province_name(&alarm.province)),
            ("time", page::moment(alarm.since)),
            ("why", coded(t, of, alarm.hold.code())),
        ];
        t.with(key, &values.each_ref().map(|(name, v)| (*name, v.as_str())))
    }

    fn set_aside(&self, t: &Sentences, one: &Quarantined) -> String {
        let key = if one.province.is_empty() {
            "alarm-set-aside-abroad"
        } else {
            "alarm-set-aside"
        };
        let values = [
            ("province", self.province_name(&one.province)),
            ("entry", one.entry.to_string()),
            ("record", record(one)),
            ("why", coded(t, "refusal", &one.refusal)),
        ];
        t.with(key, &values.each_ref().map(|(name, v)| (*name, v.as_str())))
    }
}

/// The number of the record, which tells nothing; a dash where there is none.
pub(super) fn record(one: &Quarantined) -> String {
    one.record.map_or_else(|| "–".to_owned(), |r| r.to_string())
}

/// The sentence of a code.
pub(super) fn coded(t: &Sentences, prefix: &str, code: &str) -> String {
    t.say(&format!("{prefix}-{}", code.replace('_', "-")))
}
