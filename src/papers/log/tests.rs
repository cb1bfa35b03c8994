use super::*;

const COLUMNS: Columns<'_> = Columns {
    case: "case",
    activity: "activity",
    time: "time",
};

fn log(text: &str) -> Result<EventLog, LogError> {
    read(text.as_bytes(), COLUMNS, &mut |_| {})
}

/// The seconds of one time that stands alone in a log.
fn seconds(time: &str) -> f64 {
    let text = format!("case,activity,time\n1,a,\"{time}\"\n");
    let log = log(&text).unwrap_or_else(|e| panic!("{time}: {e}"));
    log.cases[0][0].0.seconds()
}

#[test]
fn one_moment_in_many_forms() {
    let wanted = seconds("2012-04-13T16:55:38Z");
    for text in [
        "2012-04-13 16:55:38",
        "2012-04-13 16:55:38.000000+00:00",
        "2012-04-13T18:55:38+02:00",
        "2012-04-13 18:55:38+0200",
        "2012-04-13T16:55:38.000",
        "2012/04/13 16:55:38",
        "2012/4/13 16:55:38.000",
        "13/04/2012 16:55:38",
        "04/13/2012 16:55:38",
        "04/13/2012 4:55:38 PM",
        "13.04.2012 16:55:38",
        "13-04-2012:16.55.38",
        "13-Apr-2012 16:55:38",
        "Apr 13, 2012 16:55:38",
        "20120413165538",
        "1334336138",
        "1334336138000",
        "2012年4月13日 16:55:38",
    ] {
        assert!((seconds(text) - wanted).abs() < 1e-3, "{text}");
    }
    assert!((seconds("2012-04-13 1:05:01") - seconds("2012-04-13T01:05:01")).abs() < 1e-9);
    assert!((seconds("2012-04-13") - seconds("2012-04-13T00:00:00")).abs() < 1e-9);
    assert!((seconds("2012-04-13 16:55:38.788000+01:00") - (wanted - 3600.0 + 0.788)).abs() < 1e-5);
}

#[test]
fn the_column_decides_whether_days_or_months_come_first() {
    let text = "case,activity,time\n1,a,03/04/2012\n1,b,03/25/2012\n";
    let log = log(text).expect("a log");
    let days = |event: usize| log.cases[0][event].0.clock.date();
    assert_eq!(days(0), jiff::civil::date(2012, 3, 4));
    assert_eq!(days(1), jiff::civil::date(2012, 3, 25));
}

#[test]
fn rows_as_strangers_write_them() {
    let text = "\u{feff}Case;Activity;Time;more\r\n\
                \"1\";\"say \"\"hello\"\"; then\";2012-01-02 08:00;x\r\n\
                2;b;2012-01-01 08:00\r\n\
                1;;2012-01-01 08:00;x\r\n\
                ;c;2012-01-01 08:00;x\r\n\
                3;c;;x\r\n\
                3;c;NULL;x\r\n";
    let log = log(text).expect("a log");
    assert_eq!(log.cases.len(), 2);
    assert_eq!(log.cases[0].len(), 2);
    assert_eq!(log.activities, ["say \"hello\"; then", "b", ""]);
    assert_eq!(log.skipped, 3);
}

/// A log that is none, and what must be said.
#[test]
fn a_fault_is_named_with_its_place_and_remedy() {
    for (text, says) in [
        ("", "has no row"),
        ("case,activity,time\n", "has no row"),
        (
            "id,activity,time\n1,a,2012-01-01\n",
            "no column `case`; name one",
        ),
        (
            "case,activity,time\n1,a,2012-01-01\n1,b,soon\n1,c,later\n1,d,x\n",
            "line 3: `soon`",
        ),
        ("PK\u{3}\u{4}", "is packed"),
    ] {
        let error = log(text).expect_err(text).to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    // A file of Windows has the same lines.
    let windows = log("case,activity,time\r\n1,a,2012-01-01\r\n1,b,soon\r\n1,c,x\r\n");
    let said = windows.expect_err("no log").to_string();
    assert!(said.starts_with("line 3: `soon`"), "{said}");
    let utf16 = read(&[0xff, 0xfe, b'c', 0][..], COLUMNS, &mut |_| {});
    assert!(matches!(utf16, Err(LogError::Utf16)));
}

#[test]
fn a_rare_unreadable_time_is_left_out_and_told() {
    let mut text = "case,activity,time\n".to_owned();
    for row in 0..200 {
        text.push_str(&format!("{},a,2012-01-01\n", row % 9));
    }
    text.push_str("7,a,yesterday\n");
    let log = log(&text).expect("a log");
    let (count, first) = log.unreadable.expect("one");
    assert_eq!(
        (count, first.line, first.text.as_str()),
        (1, 202, "yesterday")
    );
}
