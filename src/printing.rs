//! What the register knows, laid on paper: tickets of a session, cards and the list of a run.

use std::sync::OnceLock;

use domain::{
    catalogue::{Category, ItemCode},
    certificate::Certificate,
    material::MaterialKind,
    person::{Person, Sex},
    record::RecordId,
    session::Session,
    verdict::Kind,
};
use jiff::civil::Date;

pub use crate::papers::print::{Face, Trouble};
use crate::{
    lang::{self, Code, Sentences},
    papers::print::{self, CardFace, Of, Press, SignLine, Ticket},
    registry::{CaseLine, Officer, Purpose, Registry, RunCard, RunFile},
};

/// The national platform: the one genuine query for these certificates.
pub const OFFICIAL: &str = "https://cx.mem.gov.cn";

/// The font of this node, read when something is printed for the first time. A failure is not
/// kept: whoever installs a font need not start the node again.
#[derive(Default)]
pub struct Font {
    set: Option<String>,
    face: OnceLock<Face>,
}

impl Font {
    /// The font that is set, or none for the usual places.
    #[must_use]
    pub fn new(set: Option<&str>) -> Self {
        Self {
            set: set.map(str::to_owned),
            face: OnceLock::new(),
        }
    }

    /// The font.
    ///
    /// # Errors
    /// That there is none, with the place.
    pub fn face(&self) -> Result<&Face, Trouble> {
        if let Some(face) = self.face.get() {
            return Ok(face);
        }
        let face = Face::find(self.set.as_deref())?;
        Ok(self.face.get_or_init(|| face))
    }
}

/// A node that prints.
pub struct Printer<'a> {
    /// Where the facts are.
    pub registry: &'a Registry,
    /// Who prints: a picture is given to whoever may see it.
    pub officer: &'a Officer,
    /// The day it is printed.
    pub on: Date,
    /// With which font.
    pub face: &'a Face,
    /// The one address to trust.
    pub official: &'a str,
    /// A demonstration: every paper says so.
    pub specimen: bool,
}

impl Printer<'_> {
    /// Papers are Chinese, whatever the officer reads.
    fn press(&self) -> Press<'_> {
        Press {
            face: self.face,
            t: lang::shipped(Code::Zh),
            specimen: self.specimen,
        }
    }

    /// Admission tickets of cases; the day is that of their session, where there is one.
    ///
    /// # Errors
    /// What cannot be printed.
    pub fn tickets(
        &self,
        lines: &[CaseLine],
        session: Option<&Session>,
        on: Option<Date>,
    ) -> Result<Vec<u8>, Trouble> {
        let press = self.press();
        let tickets = lines.iter().map(|l| self.ticket(l, session, on, press.t));
        let paper = print::tickets(&press, &tickets.collect::<Result<Vec<_>, _>>()?)?;
        self.read(lines.iter().map(|line| line.case.id));
        Ok(paper)
    }

    /// Whoever prints a paper has read what is on it.
    fn read(&self, records: impl Iterator<Item = RecordId>) {
        let records: Vec<_> = records.collect();
        self.registry
            .record_readings(self.officer, &records, Purpose::Print);
    }

    fn ticket(
        &self,
        line: &CaseLine,
        session: Option<&Session>,
        on: Option<Date>,
        t: &Sentences,
    ) -> Result<Ticket, Trouble> {
        let r = &line.case.registration;
        let plan = session.and_then(|session| session.plan.as_ref());
        let seat = session.and_then(|session| session.seat_of(line.case.id));
        let own = session.and_then(|session| line.case.ticket_in(session.id));
        let when = match (plan, on) {
            (Some(plan), _) => format!("{} {}", plan.on, plan.begins),
            (None, on) => on.map(|day| day.to_string()).unwrap_or_default(),
        };
        let office = self.registry.office(&r.institution);
        let kind = t.say(match r.kind {
            Kind::Initial => "kind-initial",
            Kind::Recheck => "kind-recheck",
            Kind::Renewal => "kind-renewal",
            Kind::Replacement => "kind-replacement",
            Kind::Reissue => "kind-reissue",
        });
        Ok(Ticket {
            name: r.person.name.expose().to_owned(),
            document: r.person.document.to_string(),
            institution: line.institution.clone(),
            telephone: office.map(|o| o.telephone).unwrap_or_default(),
            place: plan.map(|plan| plan.place.clone()).unwrap_or_default(),
            when,
            seat: seat.map(|seat| seat.to_string()).unwrap_or_default(),
            items: vec![format!("{}（{kind}）", line.item)],
            number: own.unwrap_or(&r.ticket).to_owned(),
            reference: line.case.id.to_string(),
            photo: self.photo(line.case.id)?,
        })
    }

    /// The last photograph of a case that whoever prints may see.
    fn photo(&self, case: RecordId) -> Result<Option<Vec<u8>>, Trouble> {
        let refused = |_| Trouble::Refused;
        let all = self.registry.materials(self.officer, case, self.on);
        let kept = all.map_err(refused)?.kept;
        let photo = kept
            .iter()
            .rfind(|one| one.counts && one.kind == MaterialKind::Photo);
        let bytes = photo.map(|one| {
            let read = self.registry.material(self.officer, case, one.nr, self.on);
            read.map_err(refused)
        });
        bytes.transpose()
    }

    /// Cards of a run, those that are issued.
    ///
    /// # Errors
    /// What cannot be printed: then none of them is.
    pub fn cards(&self, file: &RunFile, which: &[&RunCard]) -> Result<Vec<u8>, Trouble> {
        let press = self.press();
        let mut faces = Vec::with_capacity(which.len());
        for card in which {
            let certificate = card.certificate.as_ref().ok_or(Trouble::Refused)?;
            faces.push(self.card(card, certificate, press.t)?);
        }
        let paper = print::cards(&press, &self.of(file), &faces)?;
        let printed = which.iter().filter_map(|card| card.certificate.as_ref());
        self.read(printed.map(|certificate| certificate.says.certificate));
        Ok(paper)
    }

    fn card(
        &self,
        card: &RunCard,
        certificate: &Certificate,
        t: &Sentences,
    ) -> Result<CardFace, Trouble> {
        let says = &certificate.says;
        let remark = match card.case.registration.kind {
            Kind::Reissue => "print-reissued",
            _ => "",
        };
        Ok(CardFace {
            line: card.line,
            green: says.category == Category::SafetyManagement,
            title: t.say(match says.category {
                Category::SpecialOperation => "category-special-operation",
                Category::SafetyManagement => "category-safety-management",
            }),
            name: says.holder.name.expose().to_owned(),
            sex: sex(&says.holder, t),
            number: says.number.clone(),
            group: self.group(&says.item),
            item: self.registry.item_name(&says.item),
            appointment: says.appointment.as_ref().map(|a| {
                let said =
                    |key: &str, code: &str| t.say(&format!("{key}-{}", code.replace('_', "-")));
                (
                    said("industry", a.industry.code()),
                    said("unit", a.unit.code()),
                )
            }),
            first_issued: says.first_issued,
            valid: (says.valid_from, says.valid_until),
            recheck_due: says.recheck_due,
            authority: self.registry.office_name(&says.authority),
            remark: if remark.is_empty() {
                String::new()
            } else {
                t.say(remark)
            },
            reference: says.certificate.to_string(),
            photo: self.photo(card.case.id)?,
        })
    }

    fn group(&self, item: &ItemCode) -> String {
        let item = self.registry.catalogue().item(item);
        item.map(|i| i.group_name.clone()).unwrap_or_default()
    }

    /// The cover of a run and the list to sign.
    ///
    /// # Errors
    /// What cannot be printed.
    pub fn sign_list(&self, file: &RunFile) -> Result<Vec<u8>, Trouble> {
        let lines: Vec<SignLine> = file.cards.iter().map(|card| self.line(card)).collect();
        let paper = print::sign_list(&self.press(), &self.of(file), &lines)?;
        self.read(file.cards.iter().map(|card| card.case.id));
        Ok(paper)
    }

    fn line(&self, card: &RunCard) -> SignLine {
        let r = &card.case.registration;
        let holder = match &card.certificate {
            Some(certificate) => &certificate.says.holder,
            None => &r.person,
        };
        SignLine {
            line: card.line,
            name: holder.name.expose().to_owned(),
            document: holder.document.to_string(),
            item: self.registry.item_name(&r.item),
            institution: self.registry.office_name(&r.institution),
        }
    }

    fn of(&self, file: &RunFile) -> Of {
        let authority = file.cards.first().map(|c| &c.case.registration.authority);
        Of {
            run: file.run.number.clone(),
            authority: authority.map_or_else(String::new, |a| self.registry.office_name(a)),
            on: self.on,
            cards: file.cards.len(),
            official: self.official.to_owned(),
        }
    }
}

fn sex(person: &Person, t: &Sentences) -> String {
    t.say(match person.sex {
        Sex::Male => "sex-male",
        Sex::Female => "sex-female",
    })
}
