//! The parts of an `.xlsx` that all its sheets share: the package, the workbook, strings, styles.

use std::{
    collections::HashMap,
    io::{BufReader, Cursor},
};

use quick_xml::events::Event;
use zip::{ZipArchive, read::ZipFile};

use super::{
    SheetError, limits,
    values::{is_builtin_date, is_date_format, unescape},
    xml::{Budget, Xml, attribute, flag, text_of},
};

/// One XML part, unpacked as it is read.
pub(super) type Part<'a, 'b> = Xml<BufReader<ZipFile<'a, Cursor<&'b [u8]>>>>;

/// The zip file, with its limits checked before anything is unpacked.
pub(super) struct Package<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    names: HashMap<String, usize>,
    budget: Budget,
}

impl<'b> Package<'b> {
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, SheetError> {
        // Asked before the archive is opened, because opening it builds a list of that length.
        if claimed_entries(bytes)? > limits::ENTRIES {
            return Err(SheetError::TooLarge("parts"));
        }
        let damaged = |e: zip::result::ZipError| SheetError::Damaged(e.to_string());
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if zip.len() > limits::ENTRIES {
            return Err(SheetError::TooLarge("parts"));
        }
        let mut names = HashMap::new();
        let mut total = 0_u64;
        for index in 0..zip.len() {
            let entry = zip.by_index_data(index).map_err(damaged)?;
            let (size, packed) = (entry.size(), entry.compressed_size());
            total = total.saturating_add(size);
            let ratio = size / packed.max(1);
            if total > limits::UNPACKED || (size > limits::RATIO_FROM && ratio > limits::RATIO) {
                return Err(SheetError::TooLarge("unpacked"));
            }
            let name = entry
                .name()
                .map_err(damaged)?
                .replace('\\', "/")
                .to_lowercase();
            names.insert(name.trim_start_matches('/').to_owned(), index);
        }
        Ok(Self {
            zip,
            names,
            budget: Budget::new(),
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(&name.to_lowercase())
    }

    pub(super) fn part(&mut self, name: &str) -> Result<Option<Part<'_, 'b>>, SheetError> {
        let Some(index) = self.names.get(&name.to_lowercase()).copied() else {
            return Ok(None);
        };
        let file = self.zip.by_index(index).map_err(|e| match e {
            zip::result::ZipError::UnsupportedArchive(_) => SheetError::Unsupported("packing"),
            other => SheetError::Damaged(other.to_string()),
        })?;
        Ok(Some(Xml::new(
            BufReader::with_capacity(1 << 16, file),
            self.budget.clone(),
        )))
    }
}

/// The number of entries that the end of the central directory claims.
fn claimed_entries(bytes: &[u8]) -> Result<usize, SheetError> {
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(from..).unwrap_or(bytes);
    let at = tail.windows(4).rposition(|w| w == b"PK\x05\x06");
    let count = at.and_then(|at| tail.get(at + 10..at + 12));
    match count {
        Some([low, high]) => Ok(usize::from(u16::from_le_bytes([*low, *high]))),
        _ => Err(SheetError::Damaged("the archive has no end".into())),
    }
}

/// A sheet as the workbook lists it.
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) hidden: bool,
}

/// What the workbook says about its sheets.
pub(super) struct Workbook {
    pub(super) sheets: Vec<Listed>,
    pub(super) from_1904: bool,
    pub(super) strings: Strings,
    pub(super) styles: Styles,
}

/// A relationship: its kind (the last word of its type) and its target.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

impl Workbook {
    pub(super) fn read(package: &mut Package<'_>) -> Result<Self, SheetError> {
        let root = relations(package, "_rels/.rels", "")?;
        let path = root
            .into_iter()
            .find(|r| r.kind == "officedocument")
            .map_or_else(|| "xl/workbook.xml".to_owned(), |r| r.target);
        if path.to_lowercase().ends_with(".bin") {
            return Err(SheetError::Unsupported("xlsb"));
        }
        if !package.has(&path) {
            let opendocument = package.has("content.xml") && package.has("mimetype");
            return Err(if opendocument {
                SheetError::Unsupported("ods")
            } else if package.has("word/document.xml") {
                SheetError::Unsupported("word")
            } else {
                SheetError::NotASheet
            });
        }
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
        let relations = relations(package, &format!("{folder}/_rels/{file}.rels"), folder)?;
        let (listed, from_1904) = list(package, &path)?;
        let sheets = listed
            .into_iter()
            .filter_map(|(id, hidden)| {
                let found = relations
                    .iter()
                    .find(|r| r.id == id && r.kind == "worksheet")?;
                Some(Listed {
                    path: found.target.clone(),
                    hidden,
                })
            })
            .collect();
        let target = |kind: &str| {
            relations
                .iter()
                .find(|r| r.kind == kind)
                .map(|r| r.target.clone())
        };
        let strings = Strings::read(package, target("sharedstrings"))?;
        let styles = Styles::read(package, target("styles"))?;
        Ok(Self {
            sheets,
            from_1904,
            strings,
            styles,
        })
    }
}

fn relations(
    package: &mut Package<'_>,
    path: &str,
    folder: &str,
) -> Result<Vec<Relation>, SheetError> {
    let mut found = Vec::new();
    let Some(mut part) = package.part(path.trim_start_matches('/'))? else {
        return Ok(found);
    };
    loop {
        match part.next()? {
            Event::Start(tag) if tag.local_name().into_inner() == "Relationship" => {
                let get = |name: &str| {
                    Ok::<_, SheetError>(attribute(&tag, name)?.unwrap_or_default().into_owned())
                };
                let kind = get("Type")?
                    .rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_lowercase();
                let target = resolved(folder, &get("Target")?);
                found.push(Relation {
                    id: get("Id")?,
                    kind,
                    target,
                });
                if found.len() > limits::ENTRIES {
                    return Err(SheetError::TooLarge("relations"));
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// A target beside the part that names it, or from the root when it begins with a slash.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for piece in target.split('/') {
        match piece {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The sheets of the workbook as (relationship, hidden), and whether dates count from 1904.
fn list(package: &mut Package<'_>, path: &str) -> Result<(Vec<(String, bool)>, bool), SheetError> {
    let (mut sheets, mut from_1904) = (Vec::new(), false);
    let Some(mut part) = package.part(path)? else {
        return Err(SheetError::NotASheet);
    };
    loop {
        match part.next()? {
            Event::Start(tag) => match tag.local_name().into_inner() {
                "workbookPr" => from_1904 = flag(&tag, "date1904")?,
                "sheet" => {
                    let id = attribute(&tag, "id")?.unwrap_or_default().into_owned();
                    let hidden = attribute(&tag, "state")?.is_some_and(|s| s != "visible");
                    sheets.push((id, hidden));
                    if sheets.len() > limits::ENTRIES {
                        return Err(SheetError::TooLarge("tables"));
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok((sheets, from_1904)),
            _ => {}
        }
    }
}

/// Shared strings in one piece of memory.
pub(super) struct Strings {
    all: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn new() -> Self {
        Self {
            all: String::new(),
            ends: Vec::new(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = index
            .checked_sub(1)
            .and_then(|i| self.ends.get(i))
            .map_or(0, |e| *e as usize);
        self.all.get(start..end)
    }

    pub(super) fn push(&mut self, text: &str) -> Result<(), SheetError> {
        self.all.push_str(text);
        let end = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.ends.push(end);
        let full = self.ends.len() > limits::STRINGS || self.all.len() > limits::STRING_BYTES;
        if full {
            Err(SheetError::TooLarge("shared"))
        } else {
            Ok(())
        }
    }

    fn read(package: &mut Package<'_>, path: Option<String>) -> Result<Self, SheetError> {
        let mut strings = Self::new();
        let path = path.unwrap_or_else(|| "xl/sharedStrings.xml".to_owned());
        let Some(mut part) = package.part(&path)? else {
            return Ok(strings);
        };
        let mut current = String::new();
        // Only `t` inside `si` counts, and not inside `rPh`, the reading aid over the characters.
        let (mut in_text, mut phonetic) = (false, false);
        loop {
            match part.next()? {
                Event::Start(tag) => match tag.local_name().into_inner() {
                    "si" => current.clear(),
                    "t" => in_text = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().into_inner() {
                    "si" => strings.push(&unescape(&current))?,
                    "t" => in_text = false,
                    "rPh" => phonetic = false,
                    _ => {}
                },
                Event::Eof => return Ok(strings),
                other if in_text => {
                    if let Some(text) = text_of(&other)? {
                        current.push_str(&text);
                    }
                    if current.len() > limits::XML_EVENT {
                        return Err(SheetError::TooLarge("text"));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Which cell styles show a date.
pub(super) struct Styles {
    dates: Vec<bool>,
}

impl Styles {
    pub(super) fn is_date(&self, style: usize) -> bool {
        self.dates.get(style).copied().unwrap_or(false)
    }

    fn read(package: &mut Package<'_>, path: Option<String>) -> Result<Self, SheetError> {
        let mut styles = Self { dates: Vec::new() };
        let path = path.unwrap_or_else(|| "xl/styles.xml".to_owned());
        let Some(mut part) = package.part(&path)? else {
            return Ok(styles);
        };
        let mut custom: HashMap<u32, bool> = HashMap::new();
        let mut in_cells = false;
        loop {
            match part.next()? {
                Event::Start(tag) => match tag.local_name().into_inner() {
                    "numFmt" => {
                        let id = attribute(&tag, "numFmtId")?.and_then(|v| v.parse().ok());
                        let code = attribute(&tag, "formatCode")?.unwrap_or_default();
                        if let Some(id) = id {
                            custom.insert(id, is_date_format(&code));
                        }
                    }
                    "cellXfs" => in_cells = true,
                    "xf" if in_cells => {
                        let id: u32 = attribute(&tag, "numFmtId")?
                            .and_then(|v| v.parse().ok())
                            .unwrap_or(0);
                        styles.dates.push(
                            custom
                                .get(&id)
                                .copied()
                                .unwrap_or_else(|| is_builtin_date(id)),
                        );
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().into_inner() == "cellXfs" => in_cells = false,
                Event::Eof => return Ok(styles),
                _ => {}
            }
            if custom.len() > 65_536 || styles.dates.len() > 65_536 {
                return Err(SheetError::TooLarge("formats"));
            }
        }
    }
}
