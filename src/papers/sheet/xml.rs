//! XML from strangers: no document type, no entities but the five, bounded in every direction.

use std::{
    borrow::Cow,
    cell::Cell as Counter,
    io::{self, BufRead, Read},
    rc::Rc,
};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{SheetError, limits};

/// What one workbook may still unpack and parse, shared by all its parts.
#[derive(Clone)]
pub(super) struct Budget {
    bytes: Rc<Counter<u64>>,
    events: Rc<Counter<u64>>,
}

impl Budget {
    pub(super) fn new() -> Self {
        let bytes = Rc::new(Counter::new(limits::UNPACKED));
        Self {
            bytes,
            events: Rc::new(Counter::new(limits::XML_EVENTS)),
        }
    }
}

/// A source that refuses to give more than one event's worth between two resets, so that the
/// parser's buffer cannot grow with the file.
struct Metered<R> {
    inner: R,
    budget: Budget,
    event_left: usize,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let got = self.fill_buf()?.read(out)?;
        self.consume(got);
        Ok(got)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.event_left == 0 || self.budget.bytes.get() == 0 {
            return Err(io::Error::from(io::ErrorKind::QuotaExceeded));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.event_left = self.event_left.saturating_sub(n);
        self.budget
            .bytes
            .set(self.budget.bytes.get().saturating_sub(n as u64));
        self.inner.consume(n);
    }
}

/// A pull parser over one part.
pub(super) struct Xml<R: BufRead> {
    reader: Reader<Metered<R>>,
    buffer: Vec<u8>,
    depth: u32,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(inner: R, budget: Budget) -> Self {
        let mut reader = Reader::from_reader(Metered {
            inner,
            budget,
            event_left: limits::XML_EVENT,
        });
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
        }
    }

    /// The next event. An empty element comes as its start and its end.
    pub(super) fn next(&mut self) -> Result<Event<'_>, SheetError> {
        let source = self.reader.get_mut();
        source.event_left = limits::XML_EVENT;
        let events = source.budget.events.get();
        if events == 0 {
            return Err(SheetError::TooLarge("workbook"));
        }
        source.budget.events.set(events - 1);
        self.buffer.clear();
        let event = self
            .reader
            .read_event_into(&mut self.buffer)
            .map_err(wrong)?;
        match &event {
            Event::DocType(_) => return Err(SheetError::ForeignXml),
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > limits::XML_DEPTH {
                    return Err(SheetError::TooLarge("nesting"));
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => {
                return Err(SheetError::Damaged("the XML does not end".into()));
            }
            _ => {}
        }
        Ok(event)
    }
}

fn wrong(e: quick_xml::Error) -> SheetError {
    match e {
        quick_xml::Error::Io(e) if e.kind() == io::ErrorKind::QuotaExceeded => {
            SheetError::TooLarge("unpacked")
        }
        other => SheetError::Damaged(other.to_string()),
    }
}

/// The text of a text event; nothing for other events.
pub(super) fn text_of<'a>(event: &'a Event<'_>) -> Result<Option<Cow<'a, str>>, SheetError> {
    Ok(Some(match event {
        Event::Text(text) => text.xml10_content(),
        Event::CData(text) => text.xml10_content(),
        Event::GeneralRef(name) => {
            if let Some(c) = name.resolve_char_ref().map_err(wrong)? {
                Cow::Owned(c.to_string())
            } else {
                Cow::Borrowed(match &**name {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => return Err(SheetError::ForeignXml),
                })
            }
        }
        _ => return Ok(None),
    }))
}

/// An attribute by its local name, so that prefixes and the strict namespace do not matter.
pub(super) fn attribute<'a>(
    tag: &'a BytesStart<'_>,
    wanted: &str,
) -> Result<Option<Cow<'a, str>>, SheetError> {
    for found in tag.attributes().with_checks(false) {
        let found = found.map_err(|e| SheetError::Damaged(e.to_string()))?;
        if found.key.local_name().into_inner() == wanted {
            let value = found
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| SheetError::ForeignXml)?;
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// A flag attribute: `1`, `true` or `on`.
pub(super) fn flag(tag: &BytesStart<'_>, wanted: &str) -> Result<bool, SheetError> {
    Ok(attribute(tag, wanted)?.is_some_and(|v| matches!(&*v, "1" | "true" | "on")))
}
