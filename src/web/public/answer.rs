//! The answer of the query page: what was found, how far a case is, or the causes of a miss with
//! what to do, whom to ask and what to say on the telephone.

use askama::Template;
use axum::response::Response;
use domain::{
    catalogue::Category,
    office::{OfficeCode, OfficeKind},
    verdict::{
        Answer, Cause, Certainty, CertificateShown, Note, OfficeShown, ProgressShown, Stage,
        StatusWord, Verdict,
    },
    whynot::{Reason, Weighed},
};
use jiff::civil::Date;

use super::{
    super::{
        App, Visitor,
        api::query::category,
        deadlines, expected,
        feeds::{FeedTold, HomesTold},
        page::{self, Frame},
        whynot::{self, Words},
    },
    query::{Mistake, STEPS, Sent},
};
use crate::{
    clock,
    registry::{Answered, National, Query},
};

/// So many institutions at most are offered to choose from; beyond, one types.
const OFFERED: usize = 300;

#[derive(Template)]
#[template(path = "public/answer.html")]
struct AnswerPage<'a> {
    f: Frame<'a>,
    sent: &'a Sent,
    answer: &'a Answer,
    /// The copies that the answer is told from.
    homes: HomesTold,
    as_of: String,
    today: Date,
    /// Copies that are more than a minute old, where something was not found here.
    feeds: Vec<FeedTold>,
    /// Where each certificate stands on its way to the nation, in words.
    national: Vec<String>,
    causes: Vec<CauseShown>,
    waiting: Vec<Waiting>,
    /// When each running case can be looked up nationwide, where that can be said.
    expected: Vec<Option<expected::Told>>,
    narrow: Option<NarrowForm>,
    /// Waiting is no answer any more: whom to ask now, where it is known.
    late: Option<Option<OfficeShown>>,
    /// What is handed on to an inquiry about this answer, sealed for this browser.
    attached: String,
}

/// A cause on the page.
struct CauseShown {
    certainty: &'static str,
    words: Words,
    call: Option<Call>,
}

/// Whom to call, and what to read out.
struct Call {
    whom: String,
    telephone: String,
    lines: Vec<String>,
}

/// Why a running case is not a certificate yet.
struct Waiting {
    says: Vec<String>,
    call: Call,
}

/// What may be added to a miss.
struct NarrowForm {
    slip: String,
    provinces: Vec<(String, String)>,
    institutions: Vec<String>,
    /// Those that have in common what was typed.
    several: Vec<(String, String)>,
    items: Vec<(String, String)>,
    mistakes: Vec<Mistake>,
}

impl NarrowForm {
    fn mistake(&self, field: &str) -> Option<&str> {
        let mut all = self.mistakes.iter();
        let wrong = all.find(|m| m.field == field)?;
        Some(&wrong.sentence)
    }
}

impl AnswerPage<'_> {
    /// Every case in an answer is of the category that was asked for.
    fn kind_of(&self, p: &ProgressShown) -> String {
        let asked = category(&self.sent.category).unwrap_or(Category::SpecialOperation);
        self.f.kind(&asked, &p.kind)
    }

    /// What a line of the card is called: a manager has a role for an item, and asks for an extension.
    fn label(&self, c: &CertificateShown, key: &'static str) -> &'static str {
        let manages = c.category == Category::SafetyManagement;
        match key {
            "card-item" if manages => "card-role",
            "card-next" if manages && c.next_due < Some(c.valid_until) => "card-extend-by",
            other => other,
        }
    }

    /// Whether that day has gone by; it follows from the public day alone.
    fn overdue(&self, due: &Date) -> bool {
        *due < self.today
    }

    /// The limits of the law at work in a case; told with its ticket alone.
    fn deadlines(&self, shown: &ProgressShown) -> Vec<deadlines::Told> {
        let details = shown.details.iter().flat_map(|d| &d.deadlines);
        details.map(|d| deadlines::told(self.f.t, d)).collect()
    }

    fn verdict(&self) -> &'static str {
        match self.answer.verdict {
            Verdict::Found => "found",
            Verdict::InProgress => "in-progress",
            Verdict::NotFound => "not-found",
        }
    }

    /// The verdict, or `attention` where a certificate was found that does not permit work: no
    /// page begins with a green tick over a revoked certificate.
    fn tone(&self) -> &'static str {
        let valid = |c: &CertificateShown| c.status == StatusWord::Valid;
        match self.answer.verdict {
            Verdict::Found if !self.answer.certificates.iter().all(valid) => "attention",
            _ => self.verdict(),
        }
    }

    /// What stands below the verdict.
    fn lead(&self) -> &'static str {
        if self.answer.mismatch_is_fact {
            "mismatch"
        } else {
            self.tone()
        }
    }

    fn code<T: serde::Serialize>(&self, value: &T) -> String {
        page::code(value)
    }

    /// What is to be known of the copy a certificate is told from, when it is not of this minute.
    fn certificate_sync(&self, index: &usize) -> Option<String> {
        let feed = self.homes.certificates.get(*index)?.as_ref()?;
        Some(feed.story(&self.f))
    }

    /// The last stage in words, where a case is told from a copy.
    fn progress_sync(&self, index: &usize) -> Option<String> {
        let feed = self.homes.progress.get(*index)?.as_ref()?;
        Some(feed.story(&self.f))
    }

    /// The exam day that was added to a miss, to go on with on the page "when".
    fn exam_day(&self) -> Option<Date> {
        self.sent.exam_day.trim().parse().ok()
    }

    fn step(&self, p: &ProgressShown) -> String {
        let key = STEPS
            .iter()
            .find(|(s, _)| *s == p.next_step)
            .map_or("", |(_, key)| *key);
        self.f.s(&format!("step-{key}"))
    }

    /// The four stages with what each is on the timeline: done, now or ahead.
    fn stages(&self, p: &ProgressShown) -> [(&'static str, &'static str); 4] {
        let all = [
            (Stage::Scoring, "scoring"),
            (Stage::Qualification, "qualification"),
            (Stage::Making, "making"),
            (Stage::Sync, "sync"),
        ];
        all.map(|(stage, word)| {
            let place = match stage.cmp(&p.stage) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "ahead",
            };
            (word, place)
        })
    }
}

/// The page of an answer. `mistakes` are those of the fields that narrow a miss down.
pub(super) fn told(
    app: &App,
    visitor: &Visitor,
    sent: &Sent,
    query: &Query,
    answered: &Answered,
    mistakes: Vec<Mistake>,
) -> Response {
    let (answer, now) = (&answered.answer, clock::now());
    let today = domain::event::legal_day(now);
    let missed = answer.verdict == Verdict::NotFound;
    let feeds = match answer.verdict {
        Verdict::Found => Vec::new(),
        Verdict::InProgress | Verdict::NotFound => app.old_feeds(now),
    };
    let f = Frame::new(app, visitor, "answer-title");
    let as_of = page::moment(now);
    let speaker = Speaker {
        app,
        f: &f,
        sent,
        as_of: &as_of,
        is_read: mistakes.is_empty(),
    };
    let cause = |weighed| speaker.cause(weighed, answer);
    let homes = app.homes(&answered.homes, now);
    let expected = speaker.expected(&answer.progress, &homes, today);
    let case = answer.progress.first().map(|p| p.case.as_str());
    let outstayed = |at: usize| expected[at].as_ref().is_some_and(|told| told.outstayed);
    let mut running = answer.progress.iter().enumerate();
    let late_case = running
        .find(|(at, p)| p.overdue || outstayed(*at))
        .map(|(_, p)| p);
    let is_late = answer.causes.iter().any(|w| w.reason.is_overdue(today));
    let page = AnswerPage {
        sent,
        answer,
        homes,
        expected,
        national: speaker.national(&answered.national),
        causes: answer.causes.iter().map(cause).collect(),
        waiting: answer.progress.iter().map(|p| speaker.waiting(p)).collect(),
        narrow: (missed && !answer.mismatch_is_fact)
            .then(|| speaker.narrow(query, answer, mistakes)),
        late: match late_case {
            Some(p) => Some(Some(OfficeShown {
                name: p.held_by.clone(),
                telephone: p.telephone.clone(),
            })),
            None => is_late.then(|| answer.contacts.authority.clone()),
        },
        attached: super::inquiry::hand_on(app, visitor, query, case),
        as_of: as_of.clone(),
        today,
        feeds,
        f: Frame::new(app, visitor, "answer-title"),
    };
    page::html(&page)
}

/// Puts an answer into words.
struct Speaker<'a> {
    app: &'a App,
    f: &'a Frame<'a>,
    sent: &'a Sent,
    as_of: &'a str,
    /// Nothing is wrong with what was added.
    is_read: bool,
}

impl Speaker<'_> {
    fn cause(&self, weighed: &Weighed, answer: &Answer) -> CauseShown {
        let words = self.app.why(self.f.t, weighed);
        let excluded = weighed.certainty == Certainty::RuledOut;
        CauseShown {
            certainty: match weighed.certainty {
                Certainty::Certain => "certain",
                Certainty::Possible => "possible",
                Certainty::RuledOut => "ruled-out",
            },
            call: (!excluded).then(|| self.call(weighed, answer)),
            words,
        }
    }

    /// The institution about its own work, the authority about institutions and feeds.
    fn call(&self, weighed: &Weighed, answer: &Answer) -> Call {
        let to_authority = matches!(
            weighed.code,
            Cause::AwaitingSync | Cause::InstitutionProblem
        );
        let (office, unknown) = if to_authority {
            (&answer.contacts.authority, "read-authority")
        } else {
            (&answer.contacts.institution, "read-institution")
        };
        let key = whynot::key(weighed.code);
        let code = format!(
            "{} / {}",
            page::code(&weighed.code),
            whynot::code(&weighed.reason)
        );
        let mut lines = vec![self.asked("read-not-found")];
        lines.extend(self.about());
        lines.push(self.f.s1("read-code", "code", code));
        lines.push(self.f.s(&format!("read-{key}")));
        Call {
            whom: match office {
                Some(office) => office.name.clone(),
                None => self.f.s(unknown),
            },
            telephone: office
                .as_ref()
                .map(|o| o.telephone.clone())
                .unwrap_or_default(),
            lines,
        }
    }

    fn asked(&self, key: &str) -> String {
        let values = [("time", self.as_of), ("site", self.f.site.as_str())];
        self.f.t.with(key, &values)
    }

    /// What was added and could be read, without number and name.
    fn about(&self) -> Option<String> {
        if !self.is_read {
            return None;
        }
        let item = self.sent.item.trim();
        let province = self.sent.province.trim();
        let told = [
            ("narrow-exam-day", self.sent.exam_day.trim().to_owned()),
            ("narrow-institution", self.institution()),
            (
                "narrow-item",
                match item {
                    "" => String::new(),
                    code => self.app.registry.item_name(&code.into()),
                },
            ),
            (
                "narrow-province",
                match province {
                    "" => String::new(),
                    code => self.app.province_name(code),
                },
            ),
        ];
        let told = told.into_iter().filter(|(_, value)| !value.is_empty());
        let told: Vec<String> = told
            .map(|(key, value)| {
                let label = self.f.s(key);
                self.f
                    .t
                    .with("read-about", &[("what", &label), ("value", &value)])
            })
            .collect();
        Some(told.join(" ")).filter(|text| !text.is_empty())
    }

    /// The institution by its name where a code was sent.
    fn institution(&self) -> String {
        self.app
            .registry
            .office_name(&self.sent.institution.trim().into())
    }

    /// What is expected of each running case.
    fn expected(
        &self,
        running: &[ProgressShown],
        homes: &HomesTold,
        today: Date,
    ) -> Vec<Option<expected::Told>> {
        let all = running.iter().zip(&homes.progress).enumerate();
        all.map(|(at, (p, feed))| {
            let province = feed.as_ref().map(|feed| feed.province.as_str());
            let expected = self.app.expected(p, province, today)?;
            let named = (&*format!("when-{at}"), Some(&*p.item.name));
            Some(self.app.tell(self.f.t, &expected, named))
        })
        .collect()
    }

    fn waiting(&self, p: &ProgressShown) -> Waiting {
        let stage = page::code(&p.stage);
        let say = |key: String| self.f.s(&key);
        // From then on the public is told no more about scoring, and the ticket is told the result.
        let published = p.note == Some(Note::ResultWithTicket) || p.details.is_some();
        let here = match p.stage {
            Stage::Scoring if published => "published",
            _ => stage.as_str(),
        };
        let mut says = vec![say(format!("wait-{here}"))];
        let mut question = say(format!("read-wait-{here}"));
        if let Some(cause) = p.details.as_ref().and_then(|d| d.cause) {
            let key = whynot::key(cause);
            says = vec![say(format!("cause-{key}"))];
            question = say(format!("read-{key}"));
        }
        match p.due {
            Some(due) if p.overdue => {
                says.push(self.f.s1("wait-passed", "day", due.to_string()));
                says.push(say(format!("wait-passed-{stage}")));
            }
            Some(due) => says.push(self.f.s1("wait-open", "day", due.to_string())),
            None => {}
        }
        let since = p.since.to_string();
        let mut lines = vec![
            self.asked("read-in-progress"),
            self.f.t.with(
                "read-case",
                &[("case", p.case.as_str()), ("day", since.as_str())],
            ),
            self.f
                .s1("read-code", "code", format!("in_progress / {stage}")),
        ];
        lines.push(question);
        Waiting {
            says,
            call: Call {
                whom: p.held_by.clone(),
                telephone: p.telephone.clone(),
                lines,
            },
        }
    }

    fn national(&self, all: &[National]) -> Vec<String> {
        let slot = self.app.next_slot(clock::now()).map(page::moment);
        let say = |n: &National| {
            let (Some(entry), Some(day)) = (n.entry, n.recorded_on) else {
                return self.f.s("national-there");
            };
            let values = [
                ("day", &*day.to_string()),
                ("entry", &*entry.to_string()),
                ("nation", &*n.nation_entries.to_string()),
                ("slot", slot.as_deref().unwrap_or_default()),
            ];
            let key = match slot {
                Some(_) => "national-slot",
                None => "national-at-once",
            };
            self.f.t.with(key, &values)
        };
        all.iter().map(say).collect()
    }

    fn narrow(&self, query: &Query, answer: &Answer, mistakes: Vec<Mistake>) -> NarrowForm {
        let registry = &self.app.registry;
        let mut names: Vec<String> = registry
            .offices()
            .into_iter()
            .filter(|o| o.kind == OfficeKind::Institution)
            .map(|o| o.name)
            .collect();
        names.truncate(OFFERED);
        let several = answer.causes.iter().find_map(|w| match &w.reason {
            Reason::InstitutionUnclear { offices } => Some(offices.clone()),
            _ => None,
        });
        let named = |code: OfficeCode| (code.to_string(), registry.office_name(&code));
        let chosen = category(&self.sent.category).unwrap_or(Category::SpecialOperation);
        let items = registry.catalogue().items.iter();
        let items = items.filter(|item| item.category == chosen);
        let followed = self.app.followed.iter();
        NarrowForm {
            slip: self.app.slip(query, clock::now()),
            provinces: followed.map(|p| (p.code.clone(), p.name.clone())).collect(),
            institutions: names,
            several: several.unwrap_or_default().into_iter().map(named).collect(),
            items: items
                .map(|item| (item.code.as_str().to_owned(), item.name.clone()))
                .collect(),
            mistakes,
        }
    }
}
