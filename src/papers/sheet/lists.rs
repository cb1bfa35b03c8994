//! Lists that are no exam sheets: who is to be enrolled, and what an exam machine gives out. Their
//! columns are found by name in one of the first rows; what is above is a title.

use std::io::{Read, Seek};

use domain::{
    catalogue::Catalogue,
    roster::{
        Candidate, Cell, Column, MachineScore, RawRow, Refused, Unread, candidate, machine_score,
    },
};

use super::{SheetError, header, limits, rows};

/// A row of an enrolment sheet.
pub type CandidateRow = (u64, Result<Candidate, Vec<Refused>>);
/// A row of a machine's file.
pub type MachineRow = (u64, Result<MachineScore, Unread>);

const SCHOOLING: &str = "学历 文化程度 最高学历 学历程度 schooling";
const HEALTH: &str = "健康声明 健康承诺 健康承诺书 身体健康声明 个人健康承诺 health";
const TICKET: &str = "准考证号 准考证号码 准考证 考号 ticket";
const SCORE: &str = "成绩 理论成绩 得分 分数 score";
const MOMENT: &str = "时间 交卷时间 完成时间 考试时间 moment time";
const MACHINE: &str = "机号 机器号 考试机 考试机号 座机号 machine";

/// What is told of a file with none of its columns.
const OF_CANDIDATES: &str = "姓名、证件号码、操作项目";
const OF_MACHINE: &str = "准考证号、成绩、时间、机号";

/// Reads an enrolment sheet: name, number and item at least.
///
/// # Errors
/// A file that cannot be read, or that lacks those columns.
pub fn candidates_of<R: Read + Seek>(
    reader: R,
    catalogue: &Catalogue,
) -> Result<Vec<CandidateRow>, SheetError> {
    let mut columns: Vec<(Column, usize)> = Vec::new();
    let (mut schooling, mut health) = (None, None);
    let mut read = Vec::new();
    let find = |cells: &[Cell]| -> bool {
        columns = header::named(cells);
        let has = |wanted: Column| columns.iter().any(|(column, _)| *column == wanted);
        schooling = place(cells, SCHOOLING);
        health = place(cells, HEALTH);
        has(Column::Name) && has(Column::DocNumber) && (has(Column::Item) || has(Column::Role))
    };
    let mut list = Vec::new();
    below_header(reader, OF_CANDIDATES, find, &mut |number, cells| {
        list.push((number, cells.to_vec()));
    })?;
    for (number, cells) in list {
        let mut raw = RawRow::default();
        for (column, at) in &columns {
            raw.set(*column, cells.get(*at).cloned().unwrap_or_default());
        }
        // A line of signatures or totals names nobody.
        let nothing = |column| raw.get(column).is_blank();
        if nothing(Column::DocNumber) && nothing(Column::Item) && nothing(Column::Role) {
            continue;
        }
        let more = (at(&cells, schooling), at(&cells, health));
        read.push((number, candidate(&raw, more, catalogue)));
    }
    Ok(read)
}

/// Reads a machine's file: ticket, score, moment and machine.
///
/// # Errors
/// A file that cannot be read, or that lacks one of the columns.
pub fn machine_scores<R: Read + Seek>(reader: R) -> Result<Vec<MachineRow>, SheetError> {
    let mut places = [None; 4];
    let mut list = Vec::new();
    let find = |cells: &[Cell]| -> bool {
        places = [TICKET, SCORE, MOMENT, MACHINE].map(|names| place(cells, names));
        places.iter().all(Option::is_some)
    };
    below_header(reader, OF_MACHINE, find, &mut |number, cells| {
        list.push((number, cells.to_vec()));
    })?;
    let rows = list.iter().map(|(number, cells)| {
        let [ticket, score, moment, machine] = places.map(|place| at(cells, place));
        (*number, machine_score(ticket, score, moment, machine))
    });
    Ok(rows.collect())
}

/// Gives every row below the one that `is_header` knows.
fn below_header<R: Read + Seek>(
    reader: R,
    wanted: &'static str,
    mut is_header: impl FnMut(&[Cell]) -> bool,
    take: &mut dyn FnMut(u64, &[Cell]),
) -> Result<(), SheetError> {
    let (mut seen, mut found) = (0, false);
    rows(reader, &mut |number, cells| {
        if found {
            take(number, cells);
        } else if !cells.is_empty() {
            seen += 1;
            found = is_header(cells);
        }
        Ok(found || seen < limits::HEADER_WITHIN)
    })?;
    if found {
        Ok(())
    } else {
        Err(SheetError::NoColumns(wanted))
    }
}

fn place(cells: &[Cell], names: &str) -> Option<usize> {
    let word = |cell: &Cell| header::plain(cell);
    let is_one = |cell: &Cell| {
        let word = word(cell);
        names.split_whitespace().any(|name| name == word)
    };
    cells.iter().position(is_one)
}

fn at(cells: &[Cell], place: Option<usize>) -> &Cell {
    const NOTHING: &Cell = &Cell::Empty;
    place.and_then(|at| cells.get(at)).unwrap_or(NOTHING)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_machine_file_with_a_title() {
        let file = "某某考试中心,,,\n准考证号,成绩（分）,交卷时间,机号\n\
                    zk-1,85,2026-11-20 09:35:20,07\nzk-2,缺考,,08\n";
        let rows = machine_scores(Cursor::new(file.as_bytes())).expect("a list");
        let told: Vec<_> = rows
            .iter()
            .map(|(row, read)| (*row, read.as_ref().map(|r| (r.ticket.as_str(), r.score))))
            .collect();
        assert_eq!(told, [(3, Ok(("ZK1", 85))), (4, Err(&Unread::Score))]);
        let none = machine_scores(Cursor::new(b"a,b\n1,2\n"));
        assert!(matches!(none, Err(SheetError::NoColumns(_))));
    }

    #[test]
    fn a_sheet_without_scores_is_read() {
        let head = "99000019900101001";
        let check = domain::document::check_character(head.as_bytes()).map_or('?', char::from);
        let file = format!(
            "报名表\n姓名,身份证号,操作项目,文化程度,健康承诺书\n试例,{head}{check},熔化焊接与热切割作业,高中,是\n\
             错例,1,无,,\n制表人：某某\n"
        );
        let rows = candidates_of(Cursor::new(file.as_bytes()), &Catalogue::shipped());
        let rows = rows.expect("a list");
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(matches!(&rows[0], (3, Ok(c)) if c.healthy && c.schooling.is_some()));
        assert!(matches!(&rows[1], (4, Err(reasons)) if reasons.len() == 2));
    }
}
