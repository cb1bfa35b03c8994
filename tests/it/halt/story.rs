//! A province and the nation over the line: the province is set back, both consoles say so, its
//! entries come back from the nation's copy, two people let it go on, and it flows again.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use domain::office::{Office, OfficeKind, Role};
use kecha::{
    config::Config,
    node::Node,
    registry::{Account, Officer, Registry},
    schedule::Schedule,
    sync::{
        nation, province,
        tls::{Client, Identity},
    },
    web::{App, feeds},
};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime, task::JoinHandle};

use super::*;
use crate::{house::PASSWORD, people::Browser};

const KEEPER: &str = "keeper";
/// What a node's journal begins with: that its two accounts were opened.
const ACCOUNTS: u64 = 2;
const DATABASE: [&str; 2] = ["kecha.db", "kecha.db-wal"];

/// A node with a keeper and its pages, which can die and come back.
struct Site {
    home: TempDir,
    folder: PathBuf,
    folders: usize,
    app: Arc<App>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

fn node(folder: &Path, name: &str, code: &str, site: &str) -> Node {
    let node = Node::init(folder, &Config::new(name, code, site), None).expect("a node");
    let officer = Officer {
        login: KEEPER.to_owned(),
        name: KEEPER.to_owned(),
        office: code.into(),
        roles: vec![Role::SystemAdmin],
    };
    let account = Account {
        officer,
        password: PASSWORD,
    };
    let warden = Officer {
        login: "warden".to_owned(),
        roles: vec![Role::SecurityAdmin],
        ..account.officer.clone()
    };
    let (registry, now) = (&node.registry, clock::now());
    let opened = registry.register_account(&warden, None, now);
    opened.expect("an account");
    let opened = registry.open_account(&account, Some(&warden), now);
    opened.expect("an account");
    node
}

/// Puts an app behind a port.
fn serve(runtime: &Runtime, app: &Arc<App>) -> (SocketAddr, JoinHandle<()>) {
    let bound = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = bound.expect("a port");
    let address = listener.local_addr().expect("a port");
    let pages = app
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    let task = runtime.spawn(async move { axum::serve(listener, pages).await.expect("served") });
    (address, task)
}

impl Site {
    fn new(runtime: &Runtime, what: (&str, &str, &str), followed: Vec<feeds::Followed>) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("0");
        let app = App::new(node(&folder, what.0, what.1, what.2), followed, None).expect("serves");
        let (address, task) = serve(runtime, &app);
        Self {
            home,
            folder,
            folders: 1,
            app,
            address,
            tasks: vec![task],
        }
    }

    fn registry(&self) -> &Arc<Registry> {
        &self.app.registry
    }

    fn identity(&self) -> Identity {
        Identity::from_seed(self.registry().line_seed())
    }

    fn keeper(&self) -> Officer {
        self.registry().officer(KEEPER).expect("an account")
    }

    fn browser(&self) -> Browser {
        let mut browser = Browser::new(self.address);
        browser.get("/login");
        let fields = [("user", KEEPER), ("password", PASSWORD)];
        assert_eq!(browser.post("/login", &fields).location(), "/console");
        browser.get("/console");
        browser
    }

    fn copy(&mut self) -> PathBuf {
        let to = self.home.path().join(self.folders.to_string());
        self.folders += 1;
        fs::create_dir(&to).expect("a folder");
        let kept = ["keys.json", "kecha.toml"];
        for name in kept.iter().chain(&DATABASE) {
            if self.folder.join(name).exists() {
                fs::copy(self.folder.join(name), to.join(name)).expect("copied");
            }
        }
        to
    }

    /// The machine is lost; the node comes back from a copy.
    fn is_restored(&mut self, runtime: &Runtime, copy: PathBuf) {
        self.tasks.drain(..).for_each(|task| task.abort());
        self.folder = copy;
        let node = Node::open(&self.folder).expect("opens");
        self.app = App::new(node, Vec::new(), None).expect("serves");
        let (address, task) = serve(runtime, &self.app);
        (self.address, self.tasks) = (address, vec![task]);
    }

    /// An office enters the directory: one entry of the journal.
    fn enters(&self, code: &str) -> Result<(), Error> {
        let office = Office {
            code: code.into(),
            name: format!("第{code}局"),
            kind: OfficeKind::Authority,
            telephone: "12350".to_owned(),
            reports_to: None,
            authorisation: None,
            suspended: None,
            past: domain::office::Past::default(),
        };
        let by = self.keeper();
        self.registry().enter_office(office, &by, clock::now())
    }
}

struct Pair {
    runtime: Runtime,
    nation: Site,
    province: Site,
    line: SocketAddr,
}

impl Pair {
    fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let what = ("第九一省应急管理厅", "91", "https://p91.example");
        let province = Site::new(&runtime, what, Vec::new());
        let followed = feeds::Followed {
            code: "91".to_owned(),
            name: "东示例省".to_owned(),
            schedule: Schedule::Streaming,
            url: "https://p91.example".to_owned(),
        };
        let what = ("全国节点", "00", "https://nation.example");
        let mut nation = Site::new(&runtime, what, vec![followed]);
        let key = province.registry().log_key().parse().expect("a key");
        let follows = nation
            .registry()
            .follow_province("91", key)
            .expect("entered");
        let bound = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let socket = bound.expect("a port");
        let line = socket.local_addr().expect("a port");
        let (registry, identity) = (Arc::clone(nation.registry()), nation.identity());
        let peers = vec![(province.identity().public(), follows, Schedule::Streaming)];
        nation.tasks.push(runtime.spawn(async move {
            nation::run(registry, socket, &identity, peers)
                .await
                .expect("listens");
        }));
        Self {
            runtime,
            nation,
            province,
            line,
        }
    }

    fn to_nation(&self) -> province::Nation {
        let key = self.nation.identity().public();
        province::Nation {
            client: Client::new(self.line.to_string(), &self.province.identity(), key)
                .expect("a client"),
            witness: self.nation.registry().witness_key().clone(),
            schedule: Schedule::Streaming,
            compare: Arc::default(),
        }
    }

    /// The province's process begins to call; what came before it has ended.
    fn calls(&mut self) {
        let (registry, nation) = (Arc::clone(self.province.registry()), self.to_nation());
        while self.province.tasks.len() > 1 {
            self.province
                .tasks
                .pop()
                .into_iter()
                .for_each(|task| task.abort());
        }
        let task = self.runtime.spawn(province::run(registry, nation));
        self.province.tasks.push(task);
    }

    fn recovers(&self) -> Result<(u64, u64), String> {
        let (registry, to) = (Arc::clone(self.province.registry()), self.to_nation());
        let mut told = 0;
        let done = self.runtime.block_on(province::recover(
            registry,
            &to.client,
            &to.witness,
            &mut |has| told = has,
        ));
        assert!(
            done.as_ref()
                .is_ok_and(|(had, has)| had == has || told == *has)
        );
        done.map(|(had, has)| (had - ACCOUNTS, has - ACCOUNTS))
    }

    /// How many of the province's entries the nation has, its accounts left out.
    fn has(&self) -> (u64, Option<Hold>) {
        let mark = self.nation.registry().watermarks().expect("read").remove(0);
        let entries = mark.entries.saturating_sub(ACCOUNTS);
        (entries, mark.hold.map(|(hold, _)| hold))
    }
}

/// Waits for what comes over the line.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "not within a minute: {what}"
        );
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn knows(pair: &Pair) -> Option<u64> {
    let known = pair.province.registry().acknowledged().expect("read");
    known.map(|(size, _)| size - ACCOUNTS)
}

fn ground(province: &str) -> [(&str, &str); 2] {
    [("province", province), ("ground", GROUND)]
}

fn is_quiet(site: &Site) -> bool {
    !site.browser().get("/console").text.contains("需要处理")
}

/// A province whose five entries the nation has, come back from a backup that has two of them.
fn set_back() -> (Pair, String) {
    let mut pair = Pair::new();
    for code in ["9101", "9102"] {
        pair.province.enters(code).expect("entered");
    }
    let copy = pair.province.copy();
    for code in ["9103", "9104", "9105"] {
        pair.province.enters(code).expect("entered");
    }
    pair.calls();
    until("five entries", || pair.has() == (5, None));
    until("the cosignature", || knows(&pair) == Some(5));
    let checkpoint = pair.province.registry().checkpoint().expect("signed");
    assert!(is_quiet(&pair.nation) && is_quiet(&pair.province));
    pair.province.is_restored(&pair.runtime, copy);
    let entries = pair.province.registry().entries();
    assert_eq!(entries.expect("counted"), 2 + ACCOUNTS);
    (pair, checkpoint)
}

#[test]
fn a_province_set_back_is_seen_held_brought_back_and_let_go_on() {
    let (mut pair, checkpoint) = set_back();
    pair.calls();
    until("the hold", || {
        pair.has() == (5, Some(Hold::ProvinceRolledBack))
    });
    until("the standstill", || pair.province.registry().stands_still());
    assert!(matches!(
        pair.province.enters("9106"),
        Err(Error::StandsStill)
    ));

    // Both consoles tell it on every page, the public of the province a banner.
    let (mut there, mut here) = (pair.nation.browser(), pair.province.browser());
    let page = there.get("/console/offices").text;
    assert!(page.contains("东示例省的数据流自"), "{page}");
    assert!(page.contains("该省数据退回到了旧状态"), "{page}");
    let page = here.get("/console/offices").text;
    assert!(
        page.contains("停止登记") && page.contains("全国节点自"),
        "{page}"
    );
    let public = Browser::new(pair.province.address).get("/query").text;
    assert!(public.contains("查询照常进行") && !public.contains("需要处理"));

    // Let go on too early, the feed stands still again at once; the province is not let at all.
    let answer = there.post("/console/feeds/resume", &ground("91"));
    assert_eq!((answer.status, pair.has()), (303, (5, None)));
    pair.calls();
    until("the hold again", || {
        pair.has().1 == Some(Hold::ProvinceRolledBack)
    });
    assert_eq!(here.post("/console/feeds/resume", &ground("")).status, 422);

    // What was lost comes back byte for byte.
    assert_eq!(pair.recovers(), Ok((2, 5)));
    let again = pair.province.registry().checkpoint().expect("signed");
    assert_eq!(again, checkpoint);
    assert_eq!(pair.recovers(), Ok((5, 5)));
    assert!(pair.province.registry().stands_still(), "a person decides");
    assert_eq!(here.post("/console/feeds/resume", &ground("")).status, 303);
    assert_eq!(
        there.post("/console/feeds/resume", &ground("91")).status,
        303
    );
    pair.province.enters("9106").expect("it writes again");
    pair.calls();
    // The province's decision is part of its journal: the halt, the ground, the new office.
    until("all of it", || pair.has() == (8, None));
    until("the cosignature", || knows(&pair) == Some(8));
    until("quiet", || {
        is_quiet(&pair.province) && is_quiet(&pair.nation)
    });
    for (site, halts) in [(&pair.nation, 2), (&pair.province, 1)] {
        is_in_order(site, halts);
    }
}

/// Every halt has its ground, and all that is kept follows from the journals.
fn is_in_order(site: &Site, halts: usize) {
    let registry = site.registry();
    let checked = registry.check(&mut |_, _| {}).expect("checked");
    assert_eq!(checked.faults, []);
    let told = registry.halts().expect("read");
    assert_eq!(told.len(), halts, "{told:?}");
    for halt in told {
        assert!(
            halt.resumed
                .is_some_and(|(_, by, why)| by == KEEPER && why == GROUND)
        );
    }
    let aside = site.home.path().join("aside.db");
    let rebuilt = registry.rebuild(&aside, &mut |_, _| {}).expect("rebuilt");
    assert_eq!((rebuilt.written, rebuilt.left), (vec![], vec![]));
}

/// A province that wrote on after it was set back has two histories: neither a decision nor the
/// nation's copy makes one of them.
#[test]
fn two_histories_are_never_joined() {
    let mut pair = Pair::new();
    pair.province.enters("9101").expect("entered");
    let copy = pair.province.copy();
    pair.province.enters("9102").expect("entered");
    pair.calls();
    until("two entries", || pair.has() == (2, None));
    pair.province.is_restored(&pair.runtime, copy);
    pair.province
        .enters("9103")
        .expect("nobody has told it yet");
    pair.calls();
    until("the hold", || pair.has() == (2, Some(Hold::Fork)));
    until("the standstill", || pair.province.registry().stands_still());
    let by = pair.province.keeper();
    let own = pair
        .province
        .registry()
        .resume_feed(None, GROUND, &by, clock::now());
    assert!(matches!(own, Err(Error::Refused(Refusal::StillLost))));
    let registry = pair.nation.registry();
    let page = registry
        .copy(&follows(&pair), 1 + ACCOUNTS, 9)
        .expect("read")
        .expect("one entry");
    let taken = pair
        .province
        .registry()
        .take_back(&page, registry.witness_key());
    assert!(matches!(taken, Err(Error::Setup(_))), "{taken:?}");
    let entries = pair.province.registry().entries();
    assert_eq!(entries.expect("counted"), 2 + ACCOUNTS);
    let lifted = registry.resume_feed(Some("91"), GROUND, &pair.nation.keeper(), clock::now());
    assert_eq!(lifted.expect("resumed"), Hold::Fork);
    pair.calls();
    until("the hold again", || pair.has() == (2, Some(Hold::Fork)));
}

fn follows(pair: &Pair) -> kecha::registry::Province {
    let key = pair.province.registry().log_key().parse().expect("a key");
    let followed = pair.nation.registry().follow_province("91", key);
    followed.expect("it is followed")
}
