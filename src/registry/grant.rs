//! What a certificate will say when its case ends in one, and what a manager's case says of him.

use domain::{
    case::Case,
    catalogue::Category,
    certificate::{Certificate, number_for},
    event::{Act, Grant, Registration},
    law, management,
    management::MaybeAppointment,
    refusal::Refusal,
    term,
    verdict::Kind,
};
use jiff::civil::Date;

use super::{
    Result,
    work::{Key, Work},
};

/// The appointment that a new case says. An extension goes on with that of its certificate, unless
/// the holder names another; whether there is one to extend is seen here, too.
pub(super) fn appointment(
    work: &mut Work<'_>,
    key: &Key,
    r: &Registration,
    today: Date,
) -> Result<MaybeAppointment> {
    if r.category == Category::SpecialOperation {
        return Ok(None);
    }
    let dossier = &work.dossier(key)?.value;
    if management::is_extension(r.category, r.kind) {
        let former = dossier.extends(&r.item, &r.authority, today)?;
        let kept = || former.says.appointment.clone();
        return Ok(r.appointment.clone().or_else(kept));
    }
    Ok(r.appointment.clone())
}

/// The certificate a renewal, recheck, replacement or reissue is about.
pub(super) fn former(work: &mut Work<'_>, key: &Key, case: &Case) -> Result<Option<Certificate>> {
    let r = &case.registration;
    if let Some(id) = r.replaces {
        return work.certificate(id).map(Some);
    }
    let dossier = &work.dossier(key)?.value;
    Ok(dossier.former(r.category, &r.item).cloned())
}

/// What the certificate will say, by the law of the day.
pub(super) fn of(
    work: &mut Work<'_>,
    case: &Case,
    former: Option<Certificate>,
    today: Date,
) -> Result<Act> {
    let r = &case.registration;
    let term = term::issued_on(r.category, today, law::on(today));
    let mut grant = Grant {
        certificate: work.new_record(),
        holder: r.person.clone(),
        category: r.category,
        item: r.item.clone(),
        number: number_for(r.category, &r.person.document),
        first_issued: term.valid_from,
        valid_from: term.valid_from,
        valid_until: term.valid_until,
        recheck_due: term.recheck_due,
        authority: r.authority.clone(),
        appointment: r.appointment.clone(),
    };
    let extends = management::is_extension(r.category, r.kind);
    let Some(former) = former else {
        return match r.kind {
            _ if extends => Err(Refusal::NoFormerCertificate.into()),
            Kind::Initial | Kind::Renewal => Ok(Act::CertificateIssued(Box::new(grant))),
            Kind::Recheck | Kind::Replacement | Kind::Reissue => {
                Err(Refusal::NoFormerCertificate.into())
            }
        };
    };
    let says = &former.says;
    grant.certificate = says.certificate;
    grant.first_issued = says.first_issued;
    match r.kind {
        // A new exam after an ended certificate begins a new one.
        Kind::Initial => {
            grant.certificate = work.new_record();
            grant.first_issued = grant.valid_from;
            return Ok(Act::CertificateIssued(Box::new(grant)));
        }
        // The new term joins the old one.
        Kind::Renewal if extends => {
            grant.valid_from = says.valid_from;
            grant.valid_until = management::extended(says.valid_until, law::on(today));
            return Ok(Act::Renewed(Box::new(grant)));
        }
        Kind::Renewal => return Ok(Act::Renewed(Box::new(grant))),
        Kind::Recheck | Kind::Replacement | Kind::Reissue => {}
    }
    grant.valid_from = says.valid_from;
    grant.valid_until = says.valid_until;
    grant.recheck_due = says.recheck_due;
    let grant = Box::new(grant);
    Ok(match r.kind {
        Kind::Recheck => {
            let mut grant = grant;
            grant.recheck_due = term::recheck_due(r.category, today, law::on(today));
            Act::Rechecked(grant)
        }
        Kind::Replacement => Act::Replaced(grant),
        _ => Act::Reissued(grant),
    })
}
