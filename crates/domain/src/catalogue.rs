//! What a certificate is for: the two public categories and the catalogue of items.

mod list;

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::document::{is_blank, narrow};

pub use list::{List, ListGroup, ListItem};

/// The two certificates that the public query covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 特种作业操作证
    SpecialOperation,
    /// 安全生产知识和管理能力考核合格证
    SafetyManagement,
}

/// The number of a catalogue item, such as `2.1`; for safety management such as `M1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemCode(String);

impl ItemCode {
    /// The code as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ItemCode {
    fn from(s: &str) -> Self {
        Self(s.to_string())
    }
}

/// One thing a certificate can be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its number, our stable key; the annex prints no other code.
    pub code: ItemCode,
    /// Its full name as in the catalogue.
    pub name: String,
    /// Which certificate.
    pub category: Category,
    /// The number of its work category, such as `2`.
    pub group: String,
    /// The name of its work category (作业类别), such as 焊接与热切割作业.
    pub group_name: String,
    /// The first day an exam may be sat for it, where the version names one.
    pub from: Option<Date>,
    /// The last such day: certificates for it stand, new ones are not given.
    pub until: Option<Date>,
}

impl Item {
    /// Whether an exam may be sat for it on that day.
    #[must_use]
    pub fn is_open_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// One version of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// Its name, such as `CAT2010+E2018`.
    pub version: String,
    /// Whether the list was compared with the official text.
    pub verified: bool,
    /// All items, in catalogue order.
    pub items: Vec<Item>,
    by_name: BTreeMap<String, usize>,
}

/// Where a catalogue file is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    /// The place, such as `groups[0].items[2].code` or `line 3 column 7`.
    pub place: String,
    /// The permanent code of what is wrong; its sentences stand in `locales/`.
    pub code: &'static str,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl Catalogue {
    /// The list of R30 (2010) with the three electrician items of 2018, and the two kinds of the
    /// safety-management certificate under codes of our own (`M1`, `M2`).
    #[must_use]
    pub fn shipped() -> Self {
        let mut items = Vec::new();
        for (group, group_name, listed) in SHIPPED {
            let management = group.starts_with('M');
            items.extend(listed.iter().map(|(code, name)| Item {
                code: ItemCode::from(*code),
                name: (*name).to_string(),
                category: if management {
                    Category::SafetyManagement
                } else {
                    Category::SpecialOperation
                },
                group: (*group).to_string(),
                group_name: (*group_name).to_string(),
                from: None,
                until: None,
            }));
        }
        Self::new("CAT2010+E2018".to_string(), false, items)
    }

    fn new(version: String, verified: bool, items: Vec<Item>) -> Self {
        let mut by_name = BTreeMap::new();
        for (i, item) in items.iter().enumerate() {
            let name = folded(&item.name);
            if let Some(short) = name.strip_suffix("作业") {
                by_name.entry(short.to_string()).or_insert(i);
            }
            by_name.insert(name, i);
        }
        Self {
            version,
            verified,
            items,
            by_name,
        }
    }

    /// Reads another version from its file:
    /// `{"version":"…","groups":[{"number":"1","name":"…","category":"special_operation",
    /// "items":[{"code":"1.1","name":"…"}]}]}`.
    ///
    /// # Errors
    /// The first place where the file is wrong: not JSON, an empty name, a code or a name twice.
    pub fn parse(json: &str) -> Result<Self, CatalogueError> {
        let list: List = serde_json::from_str(json).map_err(|e| CatalogueError {
            place: format!("line {} column {}", e.line(), e.column()),
            code: "not_read",
            problem: e.to_string(),
        })?;
        Self::of(&list)
    }

    /// Reads another version from its list.
    ///
    /// # Errors
    /// The first place where it is wrong.
    pub fn of(list: &List) -> Result<Self, CatalogueError> {
        let wrong = |place: String, code: &'static str, problem: &str| CatalogueError {
            place,
            code,
            problem: problem.to_string(),
        };
        if list.version.trim().is_empty() {
            return Err(wrong("version".to_string(), "empty", "is empty"));
        }
        let mut items: Vec<Item> = Vec::new();
        for (g, group) in list.groups.iter().enumerate() {
            for (i, item) in group.items.iter().enumerate() {
                if let Some((field, code, problem)) = unfit(item, &items) {
                    let place = format!("groups[{g}].items[{i}].{field}");
                    return Err(wrong(place, code, problem));
                }
                items.push(Item {
                    code: ItemCode(item.code.clone()),
                    name: item.name.clone(),
                    category: group.category,
                    group: group.number.clone(),
                    group_name: group.name.clone(),
                    from: item.from,
                    until: item.until,
                });
            }
        }
        if items.is_empty() {
            return Err(wrong("groups".to_string(), "no_item", "holds no item"));
        }
        Ok(Self::new(list.version.clone(), list.verified, items))
    }

    /// The same as a list, in force from that day.
    #[must_use]
    pub fn list(&self, from: Option<Date>) -> List {
        let mut groups: Vec<ListGroup> = Vec::new();
        for item in &self.items {
            let listed = ListItem {
                code: item.code.as_str().to_string(),
                name: item.name.clone(),
                from: item.from,
                until: item.until,
            };
            match groups.last_mut().filter(|g| g.number == item.group) {
                Some(group) => group.items.push(listed),
                None => groups.push(ListGroup {
                    number: item.group.clone(),
                    name: item.group_name.clone(),
                    category: item.category,
                    items: alloc::vec![listed],
                }),
            }
        }
        List {
            version: self.version.clone(),
            verified: self.verified,
            from,
            groups,
        }
    }

    /// The item of a code.
    #[must_use]
    pub fn item(&self, code: &ItemCode) -> Option<&Item> {
        self.items.iter().find(|item| item.code == *code)
    }

    /// Which of the two certificates an item belongs to.
    #[must_use]
    pub fn category(&self, code: &ItemCode) -> Option<Category> {
        self.item(code).map(|item| item.category)
    }

    /// The item of a full name, or of the name without its final 作业. Blanks, brackets and widths
    /// do not matter; a trade name such as 焊工 finds nothing here, see [`Catalogue::candidates`].
    ///
    /// ```
    /// use domain::catalogue::Catalogue;
    /// let all = Catalogue::shipped();
    /// assert_eq!(all.find("压力焊").unwrap().code.as_str(), "2.2");
    /// assert!(all.find("焊工").is_none());
    /// assert_eq!(all.candidates("焊工").len(), 3);
    /// ```
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Item> {
        self.by_name
            .get(&folded(name))
            .and_then(|i| self.items.get(*i))
    }

    /// What somebody who wrote an unknown name may have meant, most likely first; at most eight.
    #[must_use]
    pub fn candidates(&self, name: &str) -> Vec<&Item> {
        const MOST: usize = 8;
        let asked = folded(name);
        if asked.chars().count() > 64 {
            return Vec::new();
        }
        let trade = TRADES.iter().find(|(word, _)| asked.contains(word));
        if let Some((_, codes)) = trade {
            let of = |code: &str| self.items.iter().find(|item| item.code.as_str() == code);
            return codes.split(' ').filter_map(of).collect();
        }
        let group: Vec<&Item> = self
            .items
            .iter()
            .filter(|item| folded(&item.group_name) == asked)
            .take(MOST)
            .collect();
        if !group.is_empty() {
            return group;
        }
        let mut scored: Vec<(usize, &Item)> = self
            .items
            .iter()
            .map(|item| (common_pairs(&asked, &folded(&item.name)), item))
            .filter(|(score, _)| *score > 0)
            .collect();
        scored.sort_by_key(|(score, _)| core::cmp::Reverse(*score));
        scored
            .into_iter()
            .take(MOST)
            .map(|(_, item)| item)
            .collect()
    }
}

/// Where an item of a list is wrong, by itself or beside those before it.
fn unfit(item: &ListItem, before: &[Item]) -> Option<(&'static str, &'static str, &'static str)> {
    let is_code = |b: u8| b.is_ascii_alphanumeric() || b == b'.';
    if item.code.is_empty() || !item.code.bytes().all(is_code) {
        let problem = "is not a code of ASCII letters, digits and dots";
        return Some(("code", "not_a_code", problem));
    }
    if folded(&item.name).is_empty() {
        return Some(("name", "empty", "is empty"));
    }
    if before.iter().any(|known| known.code.as_str() == item.code) {
        return Some(("code", "twice", "appears twice"));
    }
    let name = folded(&item.name);
    if before.iter().any(|known| folded(&known.name) == name) {
        return Some(("name", "twice", "appears twice"));
    }
    match (item.from, item.until) {
        (Some(from), Some(until)) if until < from => {
            Some(("until", "ends_before", "ends before it begins"))
        }
        _ => None,
    }
}

/// How many pairs of neighbouring characters two names share, the 作业 of every name aside.
fn common_pairs(asked: &str, name: &str) -> usize {
    let pairs = |s: &str| -> Vec<(char, char)> {
        s.chars()
            .zip(s.chars().skip(1))
            .filter(|pair| *pair != ('作', '业'))
            .collect()
    };
    let known = pairs(name);
    pairs(asked)
        .iter()
        .filter(|pair| known.contains(pair))
        .count()
}

/// Blanks out, widths and brackets made one, the commas of lists made 、.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !is_blank(*c))
        .map(|c| match narrow(c) {
            '[' | '{' | '〔' | '【' | '﹙' => '(',
            ']' | '}' | '〕' | '】' | '﹚' => ')',
            ',' | '/' | '､' => '、',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Words of the trades and the items they may mean. The longer word stands before the shorter.
const TRADES: &[(&str, &str)] = &[
    ("高压电工", "1.1"),
    ("低压电工", "1.2"),
    ("矿井电工", "5.1 6.6"),
    ("煤矿电工", "5.1"),
    ("防爆电工", "1.3"),
    ("电焊", "2.1 2.2 2.3"),
    ("气焊", "2.1"),
    ("气割", "2.1"),
    ("切割", "2.1"),
    ("点焊", "2.2"),
    ("钎焊", "2.3"),
    ("焊", "2.1 2.2 2.3"),
    ("架子工", "3.1"),
    ("脚手架", "3.1"),
    ("登高", "3.1 3.2"),
    ("高空", "3.1 3.2"),
    ("高处", "3.1 3.2"),
    ("制冷", "4.1 4.2"),
    ("空调", "4.1 4.2"),
    ("瓦斯", "5.4 5.8"),
    ("爆破", "5.2 6.8"),
    ("放炮", "5.2 6.8"),
    ("绞车", "5.6 6.4"),
    ("提升机", "5.6 6.4"),
    ("采煤机", "5.7"),
    ("掘进机", "5.7"),
    ("仪表", "9.16"),
    ("煤气", "8.1"),
    ("钻", "7.1"),
    ("电缆", "1.4"),
    ("电工", "1.1 1.2 1.3 1.4 1.5 1.6"),
    ("负责人", "M1"),
    ("安全员", "M2"),
    ("安全管理", "M2"),
];

/// A work category: its number, its name, its items.
type Group = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// `CAT2010+E2018`: the annex of R30 with 1.4 to 1.6 (安监总人事〔2018〕18号). Numbers as in the
/// annex; those of the three electrician items and of the `M` group are ours.
#[rustfmt::skip]
const SHIPPED: &[Group] = &[
    ("1", "电工作业", &[
        ("1.1", "高压电工作业"),
        ("1.2", "低压电工作业"),
        ("1.3", "防爆电气作业"),
        ("1.4", "电力电缆作业"),
        ("1.5", "继电保护作业"),
        ("1.6", "电气试验作业"),
    ]),
    ("2", "焊接与热切割作业", &[
        ("2.1", "熔化焊接与热切割作业"),
        ("2.2", "压力焊作业"),
        ("2.3", "钎焊作业"),
    ]),
    ("3", "高处作业", &[
        ("3.1", "登高架设作业"),
        ("3.2", "高处安装、维护、拆除作业"),
    ]),
    ("4", "制冷与空调作业", &[
        ("4.1", "制冷与空调设备运行操作作业"),
        ("4.2", "制冷与空调设备安装修理作业"),
    ]),
    ("5", "煤矿安全作业", &[
        ("5.1", "煤矿井下电气作业"),
        ("5.2", "煤矿井下爆破作业"),
        ("5.3", "煤矿安全监测监控作业"),
        ("5.4", "煤矿瓦斯检查作业"),
        ("5.5", "煤矿安全检查作业"),
        ("5.6", "煤矿提升机操作作业"),
        ("5.7", "煤矿采煤机（掘进机）操作作业"),
        ("5.8", "煤矿瓦斯抽采作业"),
        ("5.9", "煤矿防突作业"),
        ("5.10", "煤矿探放水作业"),
    ]),
    ("6", "金属非金属矿山安全作业", &[
        ("6.1", "金属非金属矿井通风作业"),
        ("6.2", "尾矿作业"),
        ("6.3", "金属非金属矿山安全检查作业"),
        ("6.4", "金属非金属矿山提升机操作作业"),
        ("6.5", "金属非金属矿山支柱作业"),
        ("6.6", "金属非金属矿山井下电气作业"),
        ("6.7", "金属非金属矿山排水作业"),
        ("6.8", "金属非金属矿山爆破作业"),
    ]),
    ("7", "石油天然气安全作业", &[
        ("7.1", "司钻作业"),
    ]),
    ("8", "冶金（有色）生产安全作业", &[
        ("8.1", "煤气作业"),
    ]),
    ("9", "危险化学品安全作业", &[
        ("9.1", "光气及光气化工艺作业"),
        ("9.2", "氯碱电解工艺作业"),
        ("9.3", "氯化工艺作业"),
        ("9.4", "硝化工艺作业"),
        ("9.5", "合成氨工艺作业"),
        ("9.6", "裂解（裂化）工艺作业"),
        ("9.7", "氟化工艺作业"),
        ("9.8", "加氢工艺作业"),
        ("9.9", "重氮化工艺作业"),
        ("9.10", "氧化工艺作业"),
        ("9.11", "过氧化工艺作业"),
        ("9.12", "胺基化工艺作业"),
        ("9.13", "磺化工艺作业"),
        ("9.14", "聚合工艺作业"),
        ("9.15", "烷基化工艺作业"),
        ("9.16", "化工自动化控制仪表作业"),
    ]),
    ("10", "烟花爆竹安全作业", &[
        ("10.1", "烟火药制造作业"),
        ("10.2", "黑火药制造作业"),
        ("10.3", "引火线制造作业"),
        ("10.4", "烟花爆竹产品涉药作业"),
        ("10.5", "烟花爆竹储存作业"),
    ]),
    ("M", "安全生产知识和管理能力", &[
        ("M1", "主要负责人"),
        ("M2", "安全生产管理人员"),
    ]),
];

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
