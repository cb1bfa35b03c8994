//! Accounts: nobody grants to himself, the three administrators are three, and a role is held from
//! its grant to its withdrawal.

use domain::{
    account::{Account, Opening},
    event::{Act, Event, legal_day},
    law,
    office::{By, Role},
    refusal::Refusal,
};
use jiff::{Timestamp, civil::date};

use super::{
    acts::{self, record},
    story::{at, by, later},
};

const ACCOUNT: u64 = 6;

fn event(officer: &str, role: Role, act: Act, at: Timestamp) -> Event {
    Event {
        at,
        by: By {
            officer: officer.into(),
            ..by(role)
        },
        law: law::on(legal_day(at)).name,
        record: record(ACCOUNT),
        act,
    }
}

fn opened(roles: &[Role], officer: &str, role: Role) -> Result<Account, Refusal> {
    let opening = Opening {
        roles: roles.to_vec(),
        ..acts::opening()
    };
    let act = Act::AccountOpened(Box::new(opening));
    Account::begun(&event(officer, role, act, at(date(2026, 11, 2))))
}

#[test]
fn the_three_administrators_are_three_and_nothing_else() {
    let admins = [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];
    for first in Role::ALL {
        for second in Role::ALL.into_iter().filter(|r| *r != first) {
            let one_is = admins.contains(&first) || admins.contains(&second);
            let wanted = one_is.then_some(Refusal::AdministratorsApart);
            let both = opened(&[first, second], "warden", Role::SecurityAdmin);
            assert_eq!(both.err(), wanted, "{first:?} {second:?}");
            let account = opened(&[first], "warden", Role::SecurityAdmin).expect("opened");
            let grant = Act::RoleGranted { role: second };
            let grant = event("warden", Role::SecurityAdmin, grant, account.last);
            assert_eq!(account.after(&grant).err(), wanted, "{first:?} {second:?}");
        }
    }
}

#[test]
fn nobody_does_anything_to_the_own_account_but_enrol() {
    let own = opened(&[Role::Reviewer], "somebody", Role::SecurityAdmin);
    assert_eq!(own.err(), Some(Refusal::OwnAccount));
    let account = opened(&[Role::SecurityAdmin], "warden", Role::SecurityAdmin).expect("opened");
    let role = Role::SecurityAdmin;
    for act in [
        Act::RoleGranted { role },
        Act::RoleWithdrawn { role },
        Act::AccountClosed,
        Act::FactorReset,
    ] {
        let done = account
            .clone()
            .after(&event("somebody", role, act.clone(), account.last));
        assert_eq!(done.err(), Some(Refusal::OwnAccount), "{}", act.kind());
    }
    let enrol = |officer| event(officer, role, Act::FactorEnrolled, account.last);
    let other = account.clone().after(&enrol("warden"));
    assert_eq!(other.err(), Some(Refusal::RoleNotAllowed));
    let account = account.clone().after(&enrol("somebody")).expect("enrolled");
    assert!(account.factor);
    let reset = event("warden", role, Act::FactorReset, account.last);
    assert!(!account.after(&reset).expect("reset").factor);
}

#[test]
fn whoever_has_the_machine_opens_a_security_administrator_only() {
    for role in Role::ALL {
        let wanted = (role != Role::SecurityAdmin).then_some(Refusal::RoleNotAllowed);
        assert_eq!(
            opened(&[role], "machine", Role::Machine).err(),
            wanted,
            "{role:?}"
        );
    }
    let none = opened(&[], "machine", Role::Machine);
    assert_eq!(none.err(), Some(Refusal::RoleNotAllowed));
}

#[test]
fn a_role_is_held_from_its_grant_to_its_withdrawal() {
    let account = opened(&[Role::Reviewer], "warden", Role::SecurityAdmin).expect("opened");
    let (first, day) = (account.last, date(2026, 11, 2));
    let role = Role::Approver;
    let change = |account: Account, act: Act, days| {
        let when = later(first, days);
        account.after(&event("warden", Role::SecurityAdmin, act, when))
    };
    let account = change(account, Act::RoleGranted { role }, 2).expect("granted");
    let twice = change(account.clone(), Act::RoleGranted { role }, 3);
    assert_eq!(twice.err(), Some(Refusal::AlreadyExists));
    let early = change(account.clone(), Act::RoleWithdrawn { role }, 1);
    assert_eq!(early.err(), Some(Refusal::OutOfOrder));
    let account = change(account, Act::RoleWithdrawn { role }, 5).expect("withdrawn");
    let again = change(account.clone(), Act::RoleWithdrawn { role }, 6);
    assert_eq!(again.err(), Some(Refusal::Unknown));
    for (days, held) in [
        (0, false),
        (1, false),
        (2, true),
        (4, true),
        (5, false),
        (6, false),
    ] {
        assert_eq!(account.held(role, later(first, days)), held, "{days}");
        assert!(account.held(Role::Reviewer, later(first, days)), "{days}");
    }
    assert!(!account.held(Role::Reviewer, later(first, -1)));
    let on = |days: i64| {
        let day = day
            .checked_add(jiff::Span::new().days(days))
            .expect("a day");
        account.roles_on(day).contains(&role)
    };
    // Of the day of its withdrawal it is one of the roles; not of the day after.
    assert_eq!([1, 2, 5, 6].map(on), [false, true, true, false]);
    let closed = change(account, Act::AccountClosed, 7).expect("closed");
    assert_eq!((closed.roles(), closed.word()), (vec![], "account_ended"));
    let after = change(closed, Act::RoleGranted { role }, 8);
    assert_eq!(after.err(), Some(Refusal::WrongState));
}
