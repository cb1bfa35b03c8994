//! Which row is the header, which column means what, and which rows below it are candidates.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use domain::roster::{Cell, Column, RawRow};

use super::Role;

/// Names of columns as offices write them, the most exact first. Compared after [`plain`].
const NAMES: &[(Column, &str)] = &[
    (
        Column::Name,
        "姓名 考生姓名 学员姓名 人员姓名 申请人姓名 持证人姓名 作业人员姓名 名字 考生 学员 申请人 持证人 name",
    ),
    (Column::Sex, "性别 sex gender"),
    (
        Column::DocType,
        "证件类型 证件种类 证件类别 证件名称 身份证件类型 有效证件类型 有效证件种类 身份证明类型 身份证件种类 身份证类型 \
         证照类型 证件 doctype idtype",
    ),
    (
        Column::DocNumber,
        "证件号码 证件号 证件编号 身份证号码 身份证号 公民身份号码 公民身份证号码 公民身份证号 居民身份证号码 \
         居民身份证号 居民身份证 身份证件号码 身份证件号 身份证编号 身份证 身份号码 有效证件号码 有效证件号 \
         有效身份证件号码 有效身份证件号 身份证明号码 证照号码 证照编号 idnumber idno id docnumber",
    ),
    (
        Column::Item,
        "操作项目 准操项目 准操作项目 操作项目名称 准操项目名称 特种作业操作项目 特种作业项目 申请操作项目 报考操作项目 \
         作业项目 作业项目名称 考试项目 考核项目 申请项目 报考项目 申报项目 申考项目 取证项目 操作工种 作业工种 \
         考试工种 考核工种 报考工种 工种名称 项目名称 项目 工种 item",
    ),
    (
        Column::Kind,
        "申请类型 申请类别 申请种类 申请事项 业务类型 业务类别 办理类型 办理类别 办理业务 办理事项 办证类型 申领类型 \
         申办类型 申报类型 取证类型 报名类型 报考类型 考试类型 考核类型 考试类别 考核类别 考试性质 考核性质 培训类型 \
         培训类别 业务种类 取证类别 办证类别 类型 类别 种类 kind type",
    ),
    (
        Column::ExamDate,
        "考试日期 考核日期 考试时间 考核时间 考试年月日 鉴定日期 参考日期 考试日 考核日 日期 examdate date",
    ),
    (
        Column::Theory,
        "理论成绩 理论考试成绩 理论考核成绩 理论分数 理论得分 理论考试分数 理论知识成绩 理论知识考试成绩 安全理论成绩 \
         安全技术理论成绩 安全技术理论考试成绩 安全知识成绩 理论考试得分 理论科目成绩 笔试成绩 机考成绩 知识成绩 理论考试 理论考核 理论知识 \
         安全技术理论 理论分 理论 theory",
    ),
    (
        Column::Practical,
        "实操成绩 实际操作成绩 实操考试成绩 实操考核成绩 实际操作考试成绩 实际操作考核成绩 操作技能成绩 操作技能考试成绩 \
         技能操作成绩 实际操作技能成绩 实操技能成绩 技能成绩 操作成绩 实操分数 实操得分 实操考试分数 实作成绩 实践成绩 \
         实操考试得分 实际操作分数 实际操作得分 实操科目成绩 技能得分 技能分数 技能考试成绩 实际操作考核 实操考试 实操考核 实际操作 操作技能 技能操作 实际操作考试 实操分 技能 实作 实操 practical",
    ),
    (Column::Ticket, "准考证号 准考证号码 准考证编号 准考证 考号"),
    (
        Column::Role,
        "人员类型 人员类别 资格类型 资格类别 人员资格类型 role",
    ),
    (
        Column::Industry,
        "行业类别 行业类型 行业名称 所属行业 行业 industry",
    ),
    (Column::UnitType, "单位类型 单位类别 企业类型 unittype"),
    (
        Column::Employer,
        "任职单位 工作单位 单位名称 所在单位 用人单位 企业名称 单位 employer",
    ),
];

/// What people put before the name of a column; it changes nothing.
const WHOSE: &str = "作业人员 参考人员 人员 考生 学员 申请人";

/// Words with which a line of totals begins.
const TOTALS: &str = "合计 总计 小计 共计 总人数 总数 总分 累计 本页 平均 最高分 最低分 合格率 及格率 通过率 \
                      优秀率 应考 实考";

/// Words with which a line of signatures or remarks begins.
const NOTES: &str = "审核 审批 复核 备注 说明 注: 注1 监考 主考 负责人 联系 统计 录入 以上 以下";

/// Words that make a line one of signatures or remarks wherever they stand in it.
const SIGNED: &str =
    "制表 填表 填报 盖章 公章 签章 签字 签名 考评员 考评人 经办 阅卷 打印 人数 空白 属实 单位:";

/// A header without what people add to it: blanks, line breaks, asterisks, hints in brackets, an
/// English name beside the Chinese one.
pub(super) fn plain(cell: &Cell) -> String {
    let word = cell.word().to_lowercase();
    if word.chars().count() > 60 {
        return String::new();
    }
    let mut depth = 0_u32;
    let mut out = String::new();
    for c in word.chars() {
        match c {
            '(' | '[' | '{' | '【' | '〔' | '<' | '《' => depth += 1,
            ')' | ']' | '}' | '】' | '〕' | '>' | '》' => depth = depth.saturating_sub(1),
            _ if depth == 0 && c.is_alphanumeric() => out.push(c),
            _ => {}
        }
    }
    if !out.is_ascii() {
        out.retain(|c| !c.is_ascii_alphanumeric());
    }
    out
}

/// The column a header names, and how exactly (smaller is more exact).
fn recognise(cell: &Cell) -> Option<(Column, usize)> {
    let word = plain(cell);
    if word.is_empty() {
        return None;
    }
    known(&word).or_else(|| joined(&cell.word()))
}

fn known(word: &str) -> Option<(Column, usize)> {
    let whose = || WHOSE.split(' ').find_map(|whose| word.strip_prefix(whose));
    let found = KNOWN.get(word).or_else(|| KNOWN.get(whose()?));
    found.copied()
}

/// 身份证号/证件号码, 作业类别/操作项目: what the parts name, where they do not name two things.
fn joined(word: &str) -> Option<(Column, usize)> {
    if !word.contains(JOINS) || word.chars().count() > 60 {
        return None;
    }
    let named = |part: &str| known(&plain(&Cell::Text(part.into())));
    let mut found = word.split(JOINS).filter_map(named);
    let (column, rank) = found.next()?;
    found
        .all(|(other, _)| other == column)
        .then_some((column, rank + AFTER_PLAIN))
}

/// Signs between two names of one column.
const JOINS: [char; 5] = ['/', '、', '|', '\\', '或'];
/// A name of several parts gives way to any that is one of the known names.
const AFTER_PLAIN: usize = 1000;

/// [`NAMES`] by word; it is asked for every row, to pass over a header that is repeated.
static KNOWN: LazyLock<HashMap<&'static str, (Column, usize)>> = LazyLock::new(|| {
    let words = |(column, names): &(Column, &'static str)| {
        let column = *column;
        names
            .split_whitespace()
            .enumerate()
            .map(move |(rank, name)| (name, (column, rank)))
    };
    NAMES.iter().flat_map(words).collect()
});

/// The search for the header among the first rows.
#[derive(Default)]
pub(super) struct Search {
    /// What the row before meant: a header of two lines has the rest in the next.
    last: BTreeMap<Column, (usize, usize)>,
    /// The most that any one row meant, to say what is missing.
    best: Vec<Column>,
}

impl Search {
    /// Looks at one row; gives the header when it is complete with it.
    pub(super) fn look_at(&mut self, cells: &[Cell]) -> Option<Header> {
        let here = columns(cells);
        let mut both = std::mem::take(&mut self.last);
        // Below a name that spans both lines nothing stands; what has a name of its own below it is
        // no header but a label, such as 考试日期 beside its day in a title.
        both.retain(|_, (at, _)| cells.get(*at).is_none_or(Cell::is_blank));
        for (column, place) in &here {
            both.entry(*column).or_insert(*place);
        }
        for found in [&here, &both] {
            if found.len() > self.best.len() {
                self.best = found.keys().copied().collect();
            }
            if missing(found.keys().copied()).is_empty() {
                let columns = found
                    .iter()
                    .map(|(column, (at, _))| (*column, *at))
                    .collect();
                return Some(Header { columns });
            }
        }
        self.last = here;
        None
    }

    pub(super) fn forget_last_row(&mut self) {
        self.last.clear();
    }

    /// What the best row lacked.
    pub(super) fn missing(&self) -> Vec<Column> {
        missing(self.best.iter().copied())
    }
}

/// The columns a row names, each with its place.
pub(super) fn named(cells: &[Cell]) -> Vec<(Column, usize)> {
    let found = columns(cells);
    found
        .iter()
        .map(|(column, (at, _))| (*column, *at))
        .collect()
}

fn columns(cells: &[Cell]) -> BTreeMap<Column, (usize, usize)> {
    let mut found: BTreeMap<Column, (usize, usize)> = BTreeMap::new();
    for (at, cell) in cells.iter().enumerate() {
        if let Some((column, rank)) = recognise(cell) {
            let better = found.get(&column).is_none_or(|(_, known)| rank < *known);
            if better {
                found.insert(column, (at, rank));
            }
        }
    }
    found
}

/// What a result cannot do without. A sheet of managers has their role for an item. The document type may be absent (it is then the resident ID),
/// so may the sex where the number tells it, and one of the two scores.
fn missing(found: impl Iterator<Item = Column>) -> Vec<Column> {
    let found: Vec<Column> = found.collect();
    let needed = [
        Column::Name,
        Column::DocNumber,
        Column::Item,
        Column::Kind,
        Column::ExamDate,
        Column::Theory,
    ];
    let instead = |column: &Column| match column {
        Column::Theory => Some(Column::Practical),
        Column::Item => Some(Column::Role),
        _ => None,
    };
    let has = |column: &Column| {
        found.contains(column) || instead(column).is_some_and(|other| found.contains(&other))
    };
    needed.into_iter().filter(|column| !has(column)).collect()
}

/// Where each meaning stands.
#[derive(Clone, Debug)]
pub(super) struct Header {
    columns: Vec<(Column, usize)>,
}

impl Header {
    /// What a row below the header is.
    pub(super) fn role(&self, cells: &[Cell]) -> Role {
        let at = |wanted: Column| {
            let place = self.columns.iter().find(|(column, _)| *column == wanted);
            place
                .and_then(|(_, at)| cells.get(*at))
                .filter(|cell| !cell.is_blank())
        };
        let Some(first) = cells.iter().find(|cell| !cell.is_blank()) else {
            return Role::Other;
        };
        let (name, number) = (at(Column::Name), at(Column::DocNumber));
        if name
            .and_then(recognise)
            .is_some_and(|(c, _)| c == Column::Name)
            && number
                .and_then(recognise)
                .is_some_and(|(c, _)| c == Column::DocNumber)
        {
            return Role::Header;
        }
        let digits = number.map_or(0, digits_in);
        let filled = cells.iter().filter(|cell| !cell.is_blank()).count();
        let asked = [Column::Item, Column::Kind, Column::ExamDate];
        let item =
            |column| at(column).or_else(|| at(Column::Role).filter(|_| column == Column::Item));
        let asked = asked.into_iter().filter_map(item);
        let asked = asked.filter(|cell| !is_note(cell)).count();
        // What a line of totals or signatures never has: a whole number, or all that is asked for.
        let somebody =
            digits >= NUMBER_DIGITS || asked == 3 || (asked == 2 && filled >= ROW_FILLED);
        if !somebody {
            let nobody = is_total(first) || name.is_some_and(is_total) || cells.iter().any(is_note);
            if nobody || starts_a_note(first) {
                return Role::Other;
            }
            let scores = [Column::Theory, Column::Practical];
            let scored = scores.into_iter().any(|c| at(c).is_some_and(is_score));
            let told = number.is_some() || at(Column::Item).is_some() || name.is_some() || scored;
            // One cell alone is a candidate only where it is a name or a number.
            let lone = filled == 1 && digits < FEW_DIGITS && !name.is_some_and(is_short);
            if !told || lone {
                return Role::Other;
            }
        }
        let mut raw = RawRow::default();
        for (column, at) in &self.columns {
            raw.set(*column, cells.get(*at).cloned().unwrap_or_default());
        }
        Role::Candidate(Box::new(raw))
    }
}

/// From so many digits on a number stands for somebody, whatever else is said in the row; a
/// telephone number has fewer.
const NUMBER_DIGITS: usize = 15;
/// From so many on, a cell alone is a document number.
const FEW_DIGITS: usize = 5;
/// A row with so many cells is not a line of signatures.
const ROW_FILLED: usize = 7;
/// A name alone in its row is no longer than this, or has a dot in it.
const SHORT: usize = 4;

fn digits_in(cell: &Cell) -> usize {
    match cell.shown() {
        Cell::Text(text) => text.chars().filter(|c| c.is_numeric()).count(),
        Cell::Number(n) if *n >= 1e14 => NUMBER_DIGITS,
        Cell::Number(n) if *n >= 10_000.0 => FEW_DIGITS,
        _ => 0,
    }
}

/// The text of a cell without the signs that people set around a remark.
fn bare(cell: &Cell) -> String {
    let word = cell.word();
    word.trim_start_matches(|c: char| !c.is_alphanumeric())
        .into()
}

fn is_total(cell: &Cell) -> bool {
    let word = bare(cell);
    let count = word
        .strip_prefix('共')
        .or_else(|| word.strip_prefix("总共"));
    TOTALS
        .split_whitespace()
        .any(|start| word.starts_with(start))
        || count.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn starts_a_note(cell: &Cell) -> bool {
    let word = bare(cell);
    NOTES.split(' ').any(|start| word.starts_with(start))
}

/// A signature, a remark, or anything with a label: 男：5人.
fn is_note(cell: &Cell) -> bool {
    let word = cell.word();
    let label = word.split_once(':').map(|(label, _)| label);
    SIGNED.split(' ').any(|part| word.contains(part))
        || label.is_some_and(|l| l.ends_with(|c: char| !c.is_ascii() && c.is_alphabetic()))
}

/// Whether a cell under a score can be one: below a header they are also its second line.
fn is_score(cell: &Cell) -> bool {
    match cell.shown() {
        Cell::Text(text) => text.contains(|c: char| c.is_numeric()) || cell.word() == "缺考",
        other => !other.is_blank(),
    }
}

fn is_short(cell: &Cell) -> bool {
    let word = cell.word();
    (1..=SHORT).contains(&word.chars().count()) || word.contains(['·', '•', '・', '.'])
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;
