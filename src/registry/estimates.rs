//! Estimates that were shown, kept until the case ends and for the record after it. They follow
//! from no event: the journal knows nothing of them, and a rebuild leaves them alone.

use domain::{
    record::RecordId,
    verdict::{Kind, Stage},
};
use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Error, Registry, Result,
    store::{Ask, Insert, Kind as Column, OnConflict, Param, Row},
};

/// An estimate as it was shown. Nothing in it is personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Of which case.
    pub case: RecordId,
    /// On which day.
    pub shown: Date,
    /// The province's code; empty where it is not known.
    pub province: String,
    /// Why the certificate is applied for.
    pub kind: Kind,
    /// Where the case stood.
    pub stage: Stage,
    /// The dates by which it was said to be done with 50, 80 and 95 %.
    pub by: [Date; 3],
    /// The distribution behind them, written down.
    pub told: Vec<u8>,
    /// The same before it was steered.
    pub plain: Vec<u8>,
    /// The day the certificate became queryable.
    pub ended: Option<Date>,
}

/// Behind which row a page of ended estimates begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind(Date, RecordId, Date);

impl Behind {
    /// Before every row that ended on that day or later.
    #[must_use]
    pub fn day(from: Date) -> Self {
        Self(from, RecordId::from_raw(0), Date::MIN)
    }
}

const PUT: Insert<11> = Insert {
    name: "estimates::keep",
    table: "estimates",
    columns: [
        ("record", Column::Int),
        ("shown", Column::Text),
        ("province", Column::Text),
        ("kind", Column::Text),
        ("stage", Column::Text),
        ("by_50", Column::Text),
        ("by_80", Column::Text),
        ("by_95", Column::Text),
        ("told", Column::Blob),
        ("plain", Column::Blob),
        ("ended", Column::Text),
    ],
    on_conflict: OnConflict::Keep,
};
/// An estimate of a later day than the end was shown by mistake and is not scored.
const END: &str = "-- estimates::end
UPDATE estimates SET ended = $2 WHERE record = $1 AND ended IS NULL AND shown <= $2";
const OPEN: &str = "-- estimates::open\nSELECT DISTINCT record FROM estimates WHERE ended IS NULL";
const ENDED: &str = "-- estimates::ended
SELECT record, shown, province, kind, stage, by_50, by_80, by_95, told, plain, ended FROM estimates
WHERE ended >= $1 AND (ended > $1 OR record > $2 OR (record = $2 AND shown > $3))
ORDER BY ended, record, shown LIMIT 2000";

impl Registry {
    /// Keeps what was shown; of a case and a day what is there stays. Tells how many are new.
    ///
    /// # Errors
    /// What the database says; then none is kept.
    pub fn keep_estimates(&self, batch: &[Remembered]) -> Result<u64> {
        let words: Vec<[Option<String>; 7]> = batch.iter().map(words).collect();
        let rows: Vec<[Param<'_>; 11]> = batch.iter().zip(&words).map(row).collect();
        let mut tx = self.store.begin()?;
        let kept = tx.insert_many(&PUT, &rows)?;
        tx.commit()?;
        Ok(kept)
    }

    /// These cases ended, each on its day. Tells how many estimates ended with them.
    ///
    /// # Errors
    /// What the database says; then none has ended.
    pub fn end_estimates(&self, cases: &[(RecordId, Date)]) -> Result<u64> {
        let mut tx = self.store.begin()?;
        let mut ended = 0;
        for (case, day) in cases {
            let day = day.to_string();
            ended += tx.execute(END, &[case.as_i64().into(), (&day).into()])?;
        }
        tx.commit()?;
        Ok(ended)
    }

    /// The cases whose estimates wait for an end.
    ///
    /// # Errors
    /// What the database says.
    pub fn open_estimates(&self) -> Result<Vec<RecordId>> {
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(OPEN, &[])?))?;
        let case = |row: &Row| Ok(RecordId::from_i64(row.int(0)?));
        rows.iter().map(case).collect()
    }

    /// A page of estimates whose case has ended, by the day it ended; none when there are no more.
    ///
    /// # Errors
    /// What the database says.
    pub fn ended_estimates(&self, behind: Behind) -> Result<(Vec<Remembered>, Option<Behind>)> {
        let Behind(ended, case, shown) = behind;
        let (ended, shown) = (ended.to_string(), shown.to_string());
        let at = [(&ended).into(), case.as_i64().into(), (&shown).into()];
        let rows = self.store.read(|r| Ok::<_, Error>(r.query(ENDED, &at)?))?;
        let page: Vec<Remembered> = rows.iter().map(read).collect::<Result<_>>()?;
        let last = page.last();
        let next = last.and_then(|row| Some(Behind(row.ended?, row.case, row.shown)));
        Ok((page, next))
    }
}

/// The days and codes of a row as text.
fn words(of: &Remembered) -> [Option<String>; 7] {
    let [p50, p80, p95] = of.by.map(|day| Some(day.to_string()));
    let (kind, stage) = (code(&of.kind), code(&of.stage));
    let ended = of.ended.map(|day| day.to_string());
    [
        Some(of.shown.to_string()),
        kind,
        stage,
        p50,
        p80,
        p95,
        ended,
    ]
}

fn row<'a>((of, words): (&'a Remembered, &'a [Option<String>; 7])) -> [Param<'a>; 11] {
    let [shown, kind, stage, p50, p80, p95, ended] = words.each_ref().map(|w| w.as_ref().into());
    let (record, province) = (of.case.as_i64().into(), (&of.province).into());
    let (told, plain) = ((&of.told).into(), (&of.plain).into());
    [
        record, shown, province, kind, stage, p50, p80, p95, told, plain, ended,
    ]
}

fn read(row: &Row) -> Result<Remembered> {
    let day = |column: usize| -> Result<Date> {
        let text = row.text(column)?;
        text.parse().map_err(|_| Error::Internal("estimates::day"))
    };
    Ok(Remembered {
        case: RecordId::from_i64(row.int(0)?),
        shown: day(1)?,
        province: row.text(2)?.to_owned(),
        kind: value(row.text(3)?)?,
        stage: value(row.text(4)?)?,
        by: [day(5)?, day(6)?, day(7)?],
        told: row.blob(8)?.to_vec(),
        plain: row.blob(9)?.to_vec(),
        ended: row.opt_text(10)?.map(|_| day(10)).transpose()?,
    })
}

fn code<T: Serialize>(value: &T) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(str::to_owned)
}

fn value<T: DeserializeOwned>(code: &str) -> Result<T> {
    let value = serde_json::Value::String(code.to_owned());
    serde_json::from_value(value).map_err(|_| Error::Internal("estimates::code"))
}
