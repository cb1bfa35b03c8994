//! Deadlines on pages: the limits of the law at work in a case, in words.

use domain::deadline::{Course, Deadline};

use super::{lang::Sentences, page};

/// A deadline in words.
pub struct Told {
    /// What must be done.
    pub what: String,
    /// Where it stands.
    pub course: &'static str,
    /// Where it stands, in a sentence with its days.
    pub say: String,
    /// Who must do it.
    pub who: String,
    /// What took days out of it or added some, and what the applicant was told.
    pub remarks: Vec<String>,
    /// The article.
    pub source: String,
    /// What it says; in the law's own language.
    pub article: String,
    /// What follows when it is missed.
    pub follows: String,
    /// It was missed.
    pub missed: bool,
    /// It is still to be met.
    pub open: bool,
    /// The law as it was applied, from when.
    pub deadline: Deadline,
}

/// The class and the end of the keys of a course.
fn course(course: Course) -> &'static str {
    match course {
        Course::Running => "running",
        Course::Paused => "paused",
        Course::InTime => "in-time",
        Course::Late => "late",
        Course::Missed => "missed",
        Course::BySilence => "by-silence",
    }
}

/// How much is left of what is not done, or by how much it was missed; shorter than the sentence.
#[must_use]
pub fn left(t: &Sentences, deadline: &Deadline) -> String {
    let days = deadline.left.unwrap_or(0).unsigned_abs().to_string();
    let key = format!("deadline-left-{}", course(deadline.course));
    t.with(&key, &[("n", &days)])
}

/// The article in the words of the language: in Chinese as it is cited there.
#[must_use]
pub fn source(t: &Sentences, source: &str) -> String {
    if t.code.tag() == "en" {
        return source.to_owned();
    }
    if source.starts_with("house rule") {
        return t.say("source-house-rule");
    }
    let (cited, carried) = match source.strip_suffix(", carried over") {
        Some(cited) => (cited, "（沿用）"),
        None => (source, ""),
    };
    let cited = cited.replace("R30", "安监总局令第30号");
    let one = |cited: &str| match cited.split_once(" art. ") {
        Some((law, article)) => format!("{law}{}", numbered(article)),
        None => cited.to_owned(),
    };
    let all: Vec<_> = cited.split("; ").map(one).collect();
    format!("{}{carried}", all.join("；"))
}

/// The number of an article, with that of its item where one is named; of several, all.
fn numbered(article: &str) -> String {
    match article.split_once('(') {
        Some((article, item)) => format!("第{article}条第（{}）项", item.trim_end_matches(')')),
        None => format!("第{}条", article.replace(", ", "、")),
    }
}

fn word<T: serde::Serialize>(t: &Sentences, prefix: &str, value: &T) -> String {
    t.say(&format!("{prefix}-{}", page::code(value).replace('_', "-")))
}

/// What must be done.
#[must_use]
pub fn what(t: &Sentences, deadline: &Deadline) -> String {
    match &deadline.procedure {
        Some(procedure) => word(t, "procedure", procedure),
        None => word(t, "duty", &deadline.duty),
    }
}

/// A deadline in the words of a language.
#[must_use]
pub fn told(t: &Sentences, deadline: &Deadline) -> Told {
    let d = deadline;
    let day = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string()).unwrap_or_default();
    let days = d.left.unwrap_or(0).unsigned_abs().to_string();
    let (due, done) = (day(d.due), day(d.done));
    let holes = [("due", &*due), ("done", &*done), ("n", &*days)];
    let mut remarks = Vec::new();
    if d.paused > 0 {
        let n = d.paused.to_string();
        remarks.push(t.with("deadline-without", &[("n", &n)]));
    }
    if d.extended > 0 {
        let n = d.extended.to_string();
        remarks.push(t.with("deadline-extended", &[("n", &n)]));
    }
    if let Some(told) = &d.told {
        remarks.push(t.with("deadline-told", &[("what", told)]));
    }
    if d.due_provisional {
        remarks.push(t.say("progress-provisional"));
    }
    let missed = matches!(d.course, Course::Missed | Course::Late | Course::BySilence);
    Told {
        what: what(t, d),
        course: course(d.course),
        say: t.with(&format!("deadline-say-{}", course(d.course)), &holes),
        who: word(t, "office", &d.who),
        remarks,
        source: source(t, &d.source),
        article: d.article.clone(),
        follows: word(t, "follows", &d.follows),
        missed,
        open: d.done.is_none(),
        deadline: d.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::lang::Code, *};

    #[test]
    fn an_article_is_cited_in_the_words_of_the_language() {
        let (Ok(zh), Ok(en)) = (Sentences::load(Code::Zh), Sentences::load(Code::En)) else {
            panic!("no sentences");
        };
        for (written, cited) in [
            ("行政许可法 art. 32", "行政许可法第32条"),
            (
                "R30 art. 15, carried over",
                "安监总局令第30号第15条（沿用）",
            ),
            (
                "R30 art. 16; 应急管理部公告2018年第12号",
                "安监总局令第30号第16条；应急管理部公告2018年第12号",
            ),
            ("R30 art. 30(2)", "安监总局令第30号第30条第（2）项"),
            (
                "house rule: printed on the card",
                "本系统的要求：证卡上要印照片",
            ),
        ] {
            assert_eq!(source(&zh, written), cited);
            assert_eq!(source(&en, written), written);
        }
    }
}
