//! Markdown to the HTML of a manual. The text is our own, so nothing in it has to be distrusted;
//! what is added is what our pages want: chapters that can be linked to, tables that scroll in a
//! place of their own, pictures that can be opened at their full size.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// A manual, laid out.
pub(super) struct Book {
    /// Its heading.
    pub title: String,
    /// What stands before the first chapter.
    pub opening: String,
    /// The chapters: the anchor of each and its heading.
    pub chapters: Vec<(String, String)>,
    /// All chapters, as HTML.
    pub body: String,
}

impl Book {
    /// Lays a text out: one heading of the first level, then chapters of the second.
    pub(super) fn of(text: &str) -> Self {
        let (title, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (opening, rest) = match rest.find("\n## ") {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let chapters = rest.lines().filter_map(|line| line.strip_prefix("## "));
        let chapters = chapters.map(|heading| (anchor(heading), heading.to_owned()));
        Self {
            title: title.trim_start_matches('#').trim().to_owned(),
            opening: laid_out(opening),
            chapters: chapters.collect(),
            body: laid_out(rest),
        }
    }
}

/// A heading as its anchor: small letters, no signs, dashes for blanks.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().map(|c| if c == ' ' { '-' } else { c });
    kept.filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        .collect()
}

fn laid_out(text: &str) -> String {
    let mut layout = Layout::default();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        layout.take(event);
    }
    let mut out = String::new();
    html::push_html(&mut out, layout.events.into_iter());
    out.replace("<th>", "<th scope=\"col\">")
}

/// What was read so far.
#[derive(Default)]
struct Layout<'t> {
    events: Vec<Event<'t>>,
    /// Where the open heading or picture began.
    began: usize,
}

impl<'t> Layout<'t> {
    fn take(&mut self, event: Event<'t>) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Image { .. }) => {
                self.began = self.events.len();
                self.events.push(event);
            }
            Event::End(TagEnd::Heading(_)) => {
                let named = anchor(&words(&self.events[self.began..]));
                if let Some(Event::Start(Tag::Heading { id, .. })) = self.events.get_mut(self.began)
                {
                    *id = Some(named.into());
                }
                self.events.push(event);
            }
            Event::End(TagEnd::Image) => {
                let read = self.events.split_off(self.began);
                if let Some(Event::Start(Tag::Image { dest_url, .. })) = read.first() {
                    self.events.push(raw(&shown(dest_url, &words(&read))));
                }
            }
            // A link from file to file is one from page to page.
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => self.events.push(Event::Start(Tag::Link {
                link_type,
                dest_url: dest_url.replacen(".md", "", 1).into(),
                title,
                id,
            })),
            Event::Start(Tag::Table(_)) => {
                self.events.push(raw(SCROLLS));
                self.events.push(event);
            }
            Event::End(TagEnd::Table) => {
                self.events.push(event);
                self.events.push(raw("</div>"));
            }
            other => self.events.push(other),
        }
    }
}

/// What is wider than the page scrolls in a place of its own, by keyboard too.
const SCROLLS: &str =
    "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"表格，可左右滚动\">";

fn raw(text: &str) -> Event<'static> {
    Event::InlineHtml(CowStr::from(text.to_owned()))
}

/// The words of what was read.
fn words(events: &[Event<'_>]) -> String {
    let said = events.iter().filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
        _ => None,
    });
    said.collect()
}

/// A picture with its words below, and a way to its full size.
fn shown(file: &str, described: &str) -> String {
    let described = described.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<span class=\"shot\"><a href=\"{file}\"><img src=\"{file}\" alt=\"{described}\" \
         loading=\"lazy\"></a><span class=\"quiet\" aria-hidden=\"true\">{described}</span></span>"
    )
}

#[cfg(test)]
mod tests {
    use super::Book;

    const TEXT: &str = "# 手册\n\n开头。\n\n## 受理 一件\n\n见[另一本](nation.md#各省)。\n\n\
        ![一张图](pictures/a.png)\n\n| 键 | 作用 |\n|---|---|\n| j | 下 |\n\n### 出错时\n";

    #[test]
    fn a_chapter_can_be_linked_to() {
        let book = Book::of(TEXT);
        assert_eq!(book.title, "手册");
        assert!(book.opening.contains("<p>开头。</p>"), "{}", book.opening);
        let chapter = ("受理-一件".to_owned(), "受理 一件".to_owned());
        assert_eq!(book.chapters, [chapter]);
        assert!(book.body.contains("<h2 id=\"受理-一件\">"), "{}", book.body);
        assert!(book.body.contains("<h3 id=\"出错时\">"), "{}", book.body);
    }

    #[test]
    fn links_pictures_and_tables_suit_a_page() {
        let body = Book::of(TEXT).body;
        assert!(
            body.contains("href=\"nation#%E5%90%84%E7%9C%81\"") || body.contains("nation#各省"),
            "{body}"
        );
        assert!(body.contains("alt=\"一张图\""), "{body}");
        assert!(body.contains("<a href=\"pictures/a.png\">"), "{body}");
        assert!(body.contains("<div class=\"wide\""), "{body}");
        assert!(body.contains("<th scope=\"col\">键</th>"), "{body}");
    }
}
