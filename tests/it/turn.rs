//! One writes at a time. Who only reads does not wait for the writer, and a sheet that is refused
//! is never the writer.

use std::{
    io::{Cursor, Read, Seek, SeekFrom},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use jiff::{SignedDuration, civil::date};
use kecha::{
    intake::{self, IntakeError, Reason},
    registry::{Imported, Registry},
};

use crate::{
    house::{House, noon, on_both},
    office::{Person, WELDING, sheet},
};

const PATIENCE: Duration = Duration::from_secs(20);

/// What comes of it, unless it waits for something that does not come.
fn without_waiting<T: Send + 'static>(
    registry: &Arc<Registry>,
    job: impl FnOnce(&Registry) -> T + Send + 'static,
) -> Option<T> {
    let (registry, (done, wait)) = (Arc::clone(registry), mpsc::channel());
    thread::spawn(move || done.send(job(&registry)));
    wait.recv_timeout(PATIENCE).ok()
}

/// A sheet of which every reading finds the writer's turn free.
struct Watched {
    sheet: Cursor<Vec<u8>>,
    registry: Arc<Registry>,
    readings: u32,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let free = without_waiting(&self.registry, |r| r.end_session(&[9; 32]).is_ok());
        assert_eq!(free, Some(true), "the sheet is read and nobody can write");
        self.sheet.read(buffer)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.readings += u32::from(to == SeekFrom::Start(0));
        self.sheet.seek(to)
    }
}

on_both! {
    /// A login waited seconds beside a large import, because its session's last sight was written
    /// in a turn of its own.
    fn a_session_is_read_while_somebody_writes(house: &House) {
        let (registry, token) = (house.registry(), [7; 32]);
        let opened = noon(date(2026, 11, 2));
        registry.open_session("clerk", &token, opened).expect("signed in");
        let after = move |minutes| opened + SignedDuration::from_mins(minutes);
        let clerk = house.officer("clerk");
        let importing = registry.begin_import("00", &clerk, opened).expect("the turn");
        for minutes in [5, 29, 58] {
            let who = without_waiting(registry, move |r| r.session(&token, after(minutes)));
            let who = who.expect("nobody waits").expect("an answer");
            assert_eq!(who.map(|o| o.login).as_deref(), Some("clerk"), "{minutes}");
        }
        let idle = without_waiting(registry, move |r| r.session(&token, after(89)));
        assert_eq!(idle.expect("nobody waits").expect("an answer"), None, "idle");
        drop(importing);
        // Upkeep writes what was noted: another process knows it, and this one need not.
        registry.write_seen().expect("written");
        let who = registry.session(&token, after(88)).expect("an answer");
        assert_eq!(who, Some(clerk));
        registry.end_session(&token).expect("signed out");
        registry.write_seen().expect("written");
        assert_eq!(registry.session(&token, after(88)).expect("an answer"), None);
    }

    /// Bad rows that nobody confirmed, and a file that breaks off: neither has the turn at all.
    fn a_refused_sheet_never_has_the_turn(house: &House) {
        let (wang, li) = (Person::new("王一", 1), Person::new("李二", 2));
        let day = date(2026, 11, 2);
        let good = wang.line(WELDING, "初领", day, "90", "90");
        let bad = li.line(WELDING, "初领", day, "90", "190");
        let cut = format!("\"{}", li.line(WELDING, "初领", day, "90", "90"));
        let (registry, clerk) = (house.registry(), house.officer("clerk"));
        let watched = |last: &str| Watched {
            sheet: Cursor::new(sheet(&[good.clone(), last.to_owned()])),
            registry: Arc::clone(registry),
            readings: 0,
        };
        let mut refused = watched(&bad);
        let looked = intake::take(registry, &mut refused, &clerk, noon(day), false).expect("read");
        assert!(matches!(looked.outcome, Imported::Unconfirmed { good: 1, .. }), "{looked:?}");
        assert_eq!((looked.refused, looked.not_taken[0].row), (1, 3));
        assert!(matches!(looked.not_taken[0].reason, Reason::Sheet(_)), "{looked:?}");
        assert!(refused.readings > 1, "it was looked at");
        for take_good in [false, true] {
            let broken = intake::take(registry, watched(&cut), &clerk, noon(day), take_good);
            assert!(matches!(broken, Err(IntakeError::Sheet(_))), "{broken:?}");
        }
        // What has no good row has nothing to take.
        let mut none = watched(&bad);
        none.sheet = Cursor::new(sheet(&[bad]));
        let done = intake::take(registry, none, &clerk, noon(day), true).expect("read");
        assert!(matches!(done.outcome, Imported::Done { taken: 0, .. }), "{done:?}");
        assert_eq!(done.refused, 1);
    }
}
