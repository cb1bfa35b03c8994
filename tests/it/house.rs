//! A house of one test: a node in a folder of its own, on either database, with its offices and
//! officers, and a server in front of it. Whoever opens it closes it: then the whole journal is
//! folded anew, and no record may differ from its events.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    extract::{ConnectInfo, Request},
    middleware::{Next, from_fn},
};
use domain::{
    event::legal_day,
    office::{Authorisation, Office, OfficeKind, Role},
};
use jiff::{Timestamp, civil::Date, tz::Offset};
use kecha::{
    clock,
    config::{Config, Materials},
    node::Node,
    registry::{
        self, Account, NewProgram, Officer, Registry,
        factors::{self, Secret},
        keyring::Keyring,
    },
    web::App,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime, task::JoinHandle};
use tokio_postgres::NoTls;

use crate::people::{Browser, FROM};

/// Every account's password.
pub const PASSWORD: &str = "correct horse battery";
/// The secret that every telephone of the house shares with it.
pub const SECRET: Secret = *b"a secret of a house.";
/// A program's key.
pub const KEY: &str = "a key of the tests";
/// 发证机关, and the institution that reports to it.
pub const AUTHORITY: &str = "9901";
pub const INSTITUTION: &str = "9911";

/// Login, office, roles; the first is opened by whoever has the machine, the others by it.
const OFFICERS: [(&str, &str, &[Role]); 12] = [
    ("warden", "99", &[Role::SecurityAdmin]),
    ("keeper", "99", &[Role::SystemAdmin]),
    ("clerk", INSTITUTION, &[Role::InstitutionClerk]),
    ("lead", INSTITUTION, &[Role::InstitutionLead]),
    ("one", INSTITUTION, &[Role::Assessor]),
    ("two", INSTITUTION, &[Role::Assessor]),
    ("desk", AUTHORITY, &[Role::AcceptanceOfficer]),
    ("first", AUTHORITY, &[Role::Reviewer]),
    ("second", AUTHORITY, &[Role::Approver]),
    ("maker", AUTHORITY, &[Role::Issuer]),
    ("auditor", "99", &[Role::AuditAdmin]),
    ("both", AUTHORITY, &[Role::Reviewer, Role::Approver]),
];

pub struct House {
    pub app: Arc<App>,
    pub runtime: Runtime,
    address: SocketAddr,
    server: JoinHandle<()>,
    closed: bool,
    folder: TempDir,
    // Last, so that it is dropped when nobody is connected any more.
    database: Option<Database>,
}

impl House {
    pub fn sqlite() -> Option<Self> {
        Some(Self::build(None))
    }

    /// `None` where no PostgreSQL is at hand; on the build server that is a failure.
    pub fn postgres() -> Option<Self> {
        if std::env::var("KECHA_TEST_PG").is_err() {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "CI has no KECHA_TEST_PG"
            );
            return None;
        }
        Some(Self::build(Some(Database::create())))
    }

    /// A house whose reports must bring their files.
    pub fn asking_for_files() -> Self {
        Self::build_as(None, Materials::File)
    }

    fn build(database: Option<Database>) -> Self {
        Self::build_as(database, Materials::default())
    }

    fn build_as(database: Option<Database>, materials: Materials) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let node = make(folder.path(), database.as_ref(), materials);
        let app = App::new(node, Vec::new(), None).expect("the node serves");
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("a port");
        // The pages alone, without what a server does by the clock of the system: a story has its own.
        let service = app
            .router()
            .layer(from_fn(|mut request: Request, next: Next| {
                comes_from(&mut request);
                next.run(request)
            }))
            .into_make_service_with_connect_info::<SocketAddr>();
        let server = runtime.spawn(async move {
            axum::serve(listener, service)
                .await
                .expect("the server ends well");
        });
        Self {
            app,
            runtime,
            address,
            server,
            closed: false,
            folder,
            database,
        }
    }

    pub fn registry(&self) -> &Arc<Registry> {
        &self.app.registry
    }

    /// The database, where it is a file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("kecha.db")
    }

    /// The node's own keys, in the wrong hands.
    pub fn keys(&self) -> Keyring {
        Keyring::load(self.folder.path()).expect("keys")
    }

    pub fn officer(&self, login: &str) -> Officer {
        self.registry().officer(login).expect("an account")
    }

    /// A key of a program that acts for an office.
    pub fn office_key(&self, office: &str, roles: &[Role]) -> String {
        let now = clock::now();
        let new = NewProgram {
            label: "a program of the tests".to_owned(),
            office: office.into(),
            roles: roles.to_vec(),
            expires: now + jiff::SignedDuration::from_hours(24),
        };
        let warden = self.officer("warden");
        let made = self.registry().make_office_key(&new, &warden, now);
        made.expect("a key")
    }

    /// A browser that nobody is signed in with.
    pub fn visitor(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A browser with an officer signed in.
    pub fn browser(&self, login: &str) -> Browser {
        let mut browser = self.visitor();
        browser.get("/login");
        let fields = [("user", login), ("password", PASSWORD)];
        let answer = browser.post("/login", &fields);
        let needs = self.officer(login).roles.iter().any(|r| r.needs_factor());
        if !needs {
            assert_eq!((answer.status, answer.location()), (303, "/console"));
            browser.get("/console");
            return browser;
        }
        assert_eq!((answer.status, answer.location()), (303, "/login/code"));
        // One code opens one browser, and a story opens many: this one comes in by the window.
        let token = self.app.random_token();
        let opened = self
            .registry()
            .open_session(login, &registry::digest(&token), clock::now());
        opened.expect("signed in");
        browser.take(&token);
        browser.get("/console");
        browser
    }

    /// Ends the server and looks through all that is kept.
    pub fn close(mut self) {
        self.server.abort();
        self.closed = true;
        let checked = self.registry().check(&mut |_, _| {}).expect("a check");
        assert!(checked.faults.is_empty(), "{checked:?}");
        assert!(checked.entries > 0 && checked.records > 0, "{checked:?}");
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.server.abort();
        if let Some(database) = &mut self.database {
            database.drop_it();
        }
        if !std::thread::panicking() {
            assert!(self.closed, "a house was left without `close`");
        }
    }
}

/// The address a browser says it comes from, in the place of the one address of this machine.
fn comes_from(request: &mut Request) {
    let said = request.headers().get(FROM).and_then(|v| v.to_str().ok());
    if let Some(from) = said.and_then(|said| said.parse::<IpAddr>().ok()) {
        let peer = ConnectInfo(SocketAddr::new(from, 1));
        request.extensions_mut().insert(peer);
    }
}

/// Settings, offices and accounts of a new node.
fn make(folder: &Path, database: Option<&Database>, materials: Materials) -> Node {
    let mut config = Config::new("第九九省应急管理厅", "99", "https://kecha.example");
    config.materials = materials;
    if let Some(database) = database {
        config.database.clone_from(&database.server);
    }
    let node = Node::init(folder, &config, database.map(|d| d.owner.as_str())).expect("a node");
    let at = noon(jiff::civil::date(2020, 1, 2));
    let mut warden = None;
    for (login, office, roles) in OFFICERS {
        let officer = Officer {
            login: login.to_owned(),
            name: format!("officer {login}"),
            office: office.into(),
            roles: roles.to_vec(),
        };
        let account = Account {
            officer: officer.clone(),
            password: PASSWORD,
        };
        let opened = node.registry.open_account(&account, warden.as_ref(), at);
        opened.expect("an account");
        if officer.roles.iter().any(|role| role.needs_factor()) {
            // An old code, so that those of today are unused.
            let code = factors::code_at(&SECRET, at);
            let enrolled = node
                .registry
                .enrol_factor(&officer, &SECRET, &code, (at, at));
            enrolled.expect("a second factor");
        }
        if login == "keeper" {
            for office in offices() {
                let entered = node.registry.enter_office(office, &officer, at);
                entered.expect("an office");
            }
        }
        warden.get_or_insert(officer);
    }
    node.registry.admit_key(KEY, "test").expect("a key");
    node
}

fn offices() -> [Office; 2] {
    let office = |code: &str, name: &str, kind| Office {
        code: code.into(),
        name: name.to_owned(),
        kind,
        telephone: "12350".to_owned(),
        reports_to: None,
        authorisation: None,
        suspended: None,
        past: domain::office::Past::default(),
    };
    let authority = office(AUTHORITY, "第九九市应急管理局", OfficeKind::Authority);
    let institution = Office {
        reports_to: Some(AUTHORITY.into()),
        authorisation: Some(Authorisation {
            number: "〔2020〕1号".to_owned(),
            items: ["1.2", "2.1", "M1"].map(Into::into).to_vec(),
            from: jiff::civil::date(2020, 1, 1),
            until: jiff::civil::date(2039, 12, 31),
        }),
        ..office(INSTITUTION, "第一考试点", OfficeKind::Institution)
    };
    [authority, institution]
}

/// Noon of a day in China.
pub fn noon(day: Date) -> Timestamp {
    let noon = Offset::constant(8).to_timestamp(day.at(12, 0, 0, 0));
    let noon = noon.expect("a day of this age");
    assert_eq!(legal_day(noon), day);
    noon
}

/// A database of its own on the server of the test command.
pub struct Database {
    pub admin: String,
    pub name: String,
    pub owner: String,
    pub server: String,
}

impl Database {
    pub fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let count = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kecha_it_{}_{count}", std::process::id());
        let [admin, owner, server] = ["", "_OWNER", "_APP"].map(|which| {
            std::env::var(format!("KECHA_TEST_PG{which}")).expect("the three addresses together")
        });
        run(
            &admin,
            &format!("CREATE DATABASE {name} OWNER kecha_owner TEMPLATE template0"),
        );
        let [owner, server] = [owner, server].map(|url| {
            let (front, _) = url.rsplit_once('/').expect("an address with a database");
            format!("{front}/{name}")
        });
        Self {
            admin,
            name,
            owner,
            server,
        }
    }

    pub fn drop_it(&mut self) {
        run(
            &self.admin,
            &format!("DROP DATABASE {} WITH (FORCE)", self.name),
        );
    }
}

pub fn run(url: &str, sql: &str) {
    let runtime = Runtime::new().expect("a runtime");
    let done = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(sql).await
    });
    done.expect("KECHA_TEST_PG answers");
}

/// One story on both databases.
macro_rules! on_both {
    ($($(#[$doc:meta])* fn $name:ident($house:ident: &House) $body:block)*) => {$(
        mod $name {
            use super::*;
            $(#[$doc])*
            fn story($house: &House) $body
            #[test]
            fn sqlite() {
                House::sqlite().into_iter().for_each(|house| { story(&house); house.close(); });
            }
            #[test]
            fn postgres() {
                House::postgres().into_iter().for_each(|house| { story(&house); house.close(); });
            }
        }
    )*};
}
pub(crate) use on_both;

#[test]
#[should_panic(expected = "left without `close`")]
fn a_house_left_open_fails_its_test() {
    drop(House::sqlite());
}
