//! Asking at the terminal: what must not stand in a command line (passwords, document numbers,
//! names) is read from standard input, without an echo where it is secret.

use std::{
    error::Error,
    io::{self, BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
};

use domain::{
    catalogue::Category,
    document::{DocType, Document},
    law::Ground,
    name::Name,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    clock, config,
    lang::{self, Sentences},
    node::Node,
    registry::{Door, From, Officer},
};

/// The folder of the node a command works on.
#[derive(clap::Args, Clone)]
pub(super) struct Folder {
    /// The node's folder
    #[arg(long, value_name = "FOLDER", default_value = ".", env = "KECHA_DIR")]
    pub dir: PathBuf,
}

impl Folder {
    pub(super) fn open(&self) -> Result<Node, Box<dyn Error>> {
        Ok(Node::open(&self.dir)?)
    }
}

/// Who acts. The password is asked for, or read from the variable `KECHA_PASSWORD`.
#[derive(clap::Args, Clone)]
pub(super) struct As {
    /// The login of the officer who acts
    #[arg(long = "as", value_name = "LOGIN")]
    pub officer: String,
}

impl As {
    pub(super) fn sign_in(&self, node: &Node) -> Result<Officer, Box<dyn Error>> {
        let password = match std::env::var("KECHA_PASSWORD") {
            Ok(password) => password,
            Err(_) => secret("password: ")?,
        };
        if node.registry.is_locked(&self.officer)? {
            return Err(
                "failures to sign in have locked the account: `kecha account unlock`".into(),
            );
        }
        let officer = node.registry.authenticate(&self.officer, &password)?;
        let now = clock::now();
        let from = From {
            address: "",
            at: now,
        };
        let Some(officer) = officer else {
            let most = node
                .config
                .as_ref()
                .map_or(config::lock_after(), |c| c.lock_after);
            node.registry
                .failed(&self.officer, Door::WrongPassword, from, most)?;
            return Err("login or password is wrong".into());
        };
        node.registry
            .note_door(&officer.login, Door::CommandLine, from, "")?;
        Ok(officer)
    }
}

/// One line from standard input; a prompt only when somebody is there to see it.
pub(super) fn line(prompt: &str) -> Result<String, Box<dyn Error>> {
    if io::stdin().is_terminal() {
        write!(io::stderr(), "{prompt}")?;
        io::stderr().flush()?;
    }
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(format!(
            "standard input ended where `{}` was wanted",
            prompt.trim_end_matches(": ")
        )
        .into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The same without an echo.
pub(super) fn secret(prompt: &str) -> Result<String, Box<dyn Error>> {
    if io::stdin().is_terminal() {
        Ok(rpassword::prompt_password(prompt)?)
    } else {
        line(prompt)
    }
}

/// A password for an account; asked for, or read from the variable `KECHA_NEW_PASSWORD`.
pub(super) fn new_password() -> Result<String, Box<dyn Error>> {
    let password = match std::env::var("KECHA_NEW_PASSWORD") {
        Ok(password) => password,
        Err(_) => secret("new password (at least 10 characters): ")?,
    };
    if password.chars().count() < 10 {
        return Err("the password must have at least 10 characters".into());
    }
    Ok(password)
}

/// Prints a line to standard output.
pub(super) fn say(text: &str) -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}

/// Prints a value as JSON.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<(), Box<dyn Error>> {
    say(&serde_json::to_string_pretty(value)?)
}

/// A bar on standard error for work that is counted in pieces; nothing where nobody looks.
pub(super) fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} {per_sec} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// Reads a whole file, with its name in the error.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// The sentences in the language of the terminal.
pub(super) fn words() -> &'static Sentences {
    lang::shipped(lang::of_terminal(|name| std::env::var(name).ok()))
}

/// A day on the command line.
pub(super) fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse()
        .map_err(|_| format!("{text}: a day is written YYYY-MM-DD"))
}

/// The value with that permanent code, such as a document type on the command line.
pub(super) fn coded<T: serde::de::DeserializeOwned>(code: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(code.to_owned())).ok()
}

/// The kinds of document a command line may name.
pub(super) const DOC_TYPES: [&str; 5] = [
    "resident_id",
    "hmt_residence_permit",
    "foreign_permanent_resident",
    "passport",
    "officer_card",
];

/// Whom a question is about. Number and name are read from standard input.
#[derive(clap::Args, Clone)]
pub(super) struct Whom {
    /// Which certificate
    #[arg(long, default_value = "special_operation", value_parser = ["special_operation", "safety_management"])]
    category: String,
    /// Which kind of document
    #[arg(long, default_value = "resident_id", value_parser = DOC_TYPES)]
    doc_type: String,
}

impl Whom {
    pub(super) fn category(&self) -> Result<Category, Box<dyn Error>> {
        coded(&self.category).ok_or_else(|| "--category: unknown".into())
    }

    /// Asks for number and name, one line each.
    pub(super) fn ask(&self) -> Result<(Document, Name), Box<dyn Error>> {
        details(&self.doc_type, "")
    }
}

/// Asks for number and name, one line each; `which` tells whose, as in `new `.
pub(super) fn details(doc_type: &str, which: &str) -> Result<(Document, Name), Box<dyn Error>> {
    let kind: DocType = coded(doc_type).ok_or("unknown kind of document")?;
    let document = Document::parse(kind, &line(&format!("{which}document number: "))?)
        .map_err(|e| format!("{which}document number: {}", e.code()))?;
    let name = Name::parse(&line(&format!("{which}name: "))?)
        .map_err(|e| format!("{which}name: {}", e.code()))?;
    Ok((document, name))
}

/// Why something is decided against a person.
#[derive(clap::Args, Clone)]
pub(super) struct GroundArgs {
    /// The article relied on
    #[arg(long)]
    article: String,
    /// The reason in words, as told to the person
    #[arg(long)]
    ground: String,
}

impl GroundArgs {
    pub(super) fn ground(&self) -> Ground {
        Ground::new(&self.article, &self.ground)
    }
}

/// The same, chosen from the law's list or in the office's own words.
#[derive(clap::Args, Clone)]
pub(super) struct ChosenArgs {
    /// The ground, as `kecha certificate grounds` names it
    #[arg(long, value_name = "CODE", required_unless_present = "ground")]
    ground_code: Option<String>,
    /// What is added to it about this person
    #[arg(long, requires = "ground_code", default_value = "")]
    addition: String,
    /// The article relied on, where no list has the ground
    #[arg(long, requires = "ground", default_value = "")]
    article: String,
    /// The reason in words, as told to the person
    #[arg(long, conflicts_with = "ground_code")]
    ground: Option<String>,
}

impl ChosenArgs {
    pub(super) fn ground(&self) -> Ground {
        match (&self.ground_code, &self.ground) {
            (Some(code), _) => Ground::of(code, &self.addition),
            (None, words) => Ground::new(&self.article, words.as_deref().unwrap_or_default()),
        }
    }
}

/// Tells something on standard error that does not stop the work.
pub(super) fn warn(text: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "kecha: {text}");
}
