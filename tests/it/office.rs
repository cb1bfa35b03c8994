//! A day at the offices of a house, whenever it was: what is done that day, and what is told.

use std::io::Cursor;

use domain::{
    case::Case,
    catalogue::Category,
    document::{DocType, Document, check_character},
    event::Act,
    law::Ground,
    name::Name,
    record::RecordId,
    refusal::Refusal,
    verdict::Answer,
};
use jiff::{Timestamp, civil::Date};
use kecha::{
    intake::{self, Intake},
    registry::{Command, Error, Filter, Officer, Query, Registry},
};

use crate::house::{House, noon};

pub const WELDING: &str = "熔化焊接与热切割作业";
pub const WIRING: &str = "低压电工作业";

/// Somebody invented; address code 99, no place.
pub struct Person {
    pub name: String,
    pub number: String,
}

impl Person {
    pub fn new(name: &str, serial: u16) -> Self {
        let head = format!("99{serial:04}19900105{:02}1", serial % 100);
        let check = check_character(head.as_bytes()).map_or('?', char::from);
        Self {
            name: name.to_owned(),
            number: format!("{head}{check}"),
        }
    }

    pub fn document(&self) -> Document {
        Document::parse(DocType::ResidentId, &self.number).expect("a right number")
    }

    fn query(&self, category: Category, ticket: Option<&str>) -> Query {
        Query {
            category,
            document: self.document(),
            name: Name::parse(&self.name).expect("a name"),
            ticket: ticket.map(str::to_owned),
        }
    }

    /// A line of an exam sheet; an empty score is an absent part.
    pub fn line(&self, item: &str, kind: &str, on: Date, theory: &str, practical: &str) -> String {
        format!(
            "{},男,{},{item},{kind},{on},{theory},{practical}",
            self.name, self.number
        )
    }
}

/// The sheet of these lines.
pub fn sheet(lines: &[String]) -> Vec<u8> {
    let header = "姓名,性别,证件号码,操作项目,申请类型,考试日期,理论成绩,实操成绩";
    format!("{header}\n{}\n", lines.join("\n")).into_bytes()
}

/// What a sheet tells of the unit of a manager.
pub const UNIT: &str = "危险化学品,经营单位,试例化工有限公司";

/// A sheet of managers: with what [`UNIT`] tells behind each line.
pub fn managers(lines: &[String]) -> Vec<u8> {
    let header = "姓名,性别,证件号码,人员类型,申请类型,考试日期,理论成绩,实操成绩,行业类别,单位类型,任职单位";
    format!("{header}\n{}\n", lines.join("\n")).into_bytes()
}

pub fn ground() -> Ground {
    Ground::new("第十八条", "材料不实")
}

/// Does something to a certificate; what takes two officers is proposed by the first.
pub fn changes(
    registry: &Registry,
    certificate: RecordId,
    act: Act,
    (first, second): (&Officer, &Officer),
    now: Timestamp,
) -> Result<(), Error> {
    let two = matches!(
        act,
        Act::Corrected { .. } | Act::Revoked { .. } | Act::Cancelled(_)
    );
    if !two {
        return registry.change_certificate(certificate, act, second, now);
    }
    let proposed = Act::ChangeProposed(Box::new(act));
    registry.change_certificate(certificate, proposed, first, now)?;
    registry.decide(certificate, second, now).map(drop)
}

/// A day at the offices.
#[derive(Clone, Copy)]
pub struct Day<'h> {
    house: &'h House,
    pub now: Timestamp,
}

impl House {
    pub fn on(&self, day: Date) -> Day<'_> {
        Day {
            house: self,
            now: noon(day),
        }
    }
}

impl Day<'_> {
    /// The clerk takes a sheet, with bad rows left out only when confirmed.
    pub fn imports(&self, sheet: &[u8], take_good: bool) -> Intake {
        let clerk = self.house.officer("clerk");
        let registry = self.house.registry();
        intake::take(registry, Cursor::new(sheet), &clerk, self.now, take_good).expect("a sheet")
    }

    /// An officer does one thing to one case.
    pub fn does(
        &self,
        login: &str,
        command: Command,
        case: RecordId,
    ) -> Result<&'static str, Refusal> {
        let by = self.house.officer(login);
        let done = self
            .house
            .registry()
            .command(&[case], &command, &by, self.now)
            .expect("the register answers");
        done[0].state
    }

    /// Everything from the confirmation of the scores to the issue.
    pub fn finishes(&self, case: RecordId) {
        self.reports(case);
        for (login, command, word) in [
            ("desk", Command::Accept, "accepted"),
            ("first", Command::Review, "reviewed"),
            ("second", Command::Approve, "approved"),
            (
                "maker",
                Command::Make {
                    batch: "B1".to_owned(),
                },
                "made",
            ),
            ("maker", Command::Issue, "issued"),
        ] {
            assert_eq!(self.does(login, command, case), Ok(word));
        }
    }

    /// The scores are confirmed and the case reported.
    pub fn reports(&self, case: RecordId) {
        assert_eq!(self.does("lead", Command::Confirm, case), Ok("passed"));
        let materials = Vec::new();
        let done = self.does("clerk", Command::Report { materials }, case);
        assert_eq!(done, Ok("reported"));
    }

    /// The only case of a person in a state.
    pub fn case(&self, person: &Person, state: &str) -> Case {
        let filter = Filter {
            states: vec![state.to_owned()],
            limit: 500,
            ..Filter::default()
        };
        let clerk = self.house.officer("clerk");
        let lines = self
            .house
            .registry()
            .cases(&clerk, &filter, domain::event::legal_day(self.now))
            .expect("a queue");
        let document = person.document();
        let mut own = lines
            .into_iter()
            .map(|line| line.case)
            .filter(|case| case.registration.person.document == document);
        let case = own.next().expect("the person has a case in this state");
        assert!(own.next().is_none(), "and no second one");
        case
    }

    /// What the public is told of a special-operation certificate.
    pub fn asks(&self, person: &Person, ticket: Option<&str>) -> Answer {
        self.asks_for(Category::SpecialOperation, person, ticket)
    }

    pub fn asks_for(&self, category: Category, person: &Person, ticket: Option<&str>) -> Answer {
        let query = person.query(category, ticket);
        let asked = self.house.registry().ask(&query, self.now);
        self.house.runtime.block_on(asked).expect("an answer")
    }
}
