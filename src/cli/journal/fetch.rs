//! Reading from a log that may be hostile: no answer is longer than what was asked for can be, none
//! takes for ever, and a redirection is followed three times and never away from TLS.

use std::{thread, time::Duration};

use ureq::Agent;

/// The longest an answer may take, and how often an address that did not answer is tried.
const TIMEOUT: Duration = Duration::from_secs(30);
const TRIES: u32 = 3;
/// How many answers are waited for at once.
const AT_ONCE: usize = 4;

/// A log at an address.
pub(super) struct Log {
    address: String,
    agent: Agent,
}

/// What could not be read, and why.
#[derive(Debug)]
pub(super) struct Unread {
    pub path: String,
    pub says: String,
}

impl Log {
    /// The log at an address that begins with `http://` or `https://`.
    pub fn at(address: &str) -> Result<Self, String> {
        let is_tls = address.starts_with("https://");
        if !is_tls && !address.starts_with("http://") {
            return Err(format!(
                "{address}: the log's address begins with https:// or http://"
            ));
        }
        let agent = Agent::config_builder()
            .https_only(is_tls)
            .max_redirects(3)
            .timeout_global(Some(TIMEOUT))
            .user_agent("kecha journal audit")
            .build();
        Ok(Self {
            address: address.trim_end_matches('/').to_owned(),
            agent: agent.into(),
        })
    }

    /// What is at a path below the log's address, at most so many bytes.
    pub fn get(&self, path: &str, most: u64) -> Result<Vec<u8>, Unread> {
        let address = format!("{}/{path}", self.address);
        let mut tried = 0;
        loop {
            tried += 1;
            let answer = self.agent.get(&address).call().and_then(|mut answer| {
                let body = answer.body_mut().with_config();
                // One byte more, so that what is too long is told from what just fits.
                body.limit(most + 1).read_to_vec()
            });
            let error = match answer {
                Ok(content) if content.len() as u64 <= most => return Ok(content),
                Ok(_) => ureq::Error::BodyExceedsLimit(most),
                Err(error) => error,
            };
            let again = matches!(
                error,
                ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed
            );
            if !again || tried == TRIES {
                return Err(Unread {
                    path: path.to_owned(),
                    says: told(&error, most),
                });
            }
            thread::sleep(Duration::from_millis(250) * tried);
        }
    }

    /// Fetches each, several at once; the answers are in the order of what was asked.
    pub fn get_all<T: Sync, U: Send>(
        &self,
        wanted: &[T],
        fetch: impl Fn(&Self, &T) -> Result<U, Unread> + Sync,
    ) -> Vec<Result<U, Unread>> {
        let each = wanted.len().div_ceil(AT_ONCE).max(1);
        let fetch = &fetch;
        thread::scope(|scope| {
            let workers: Vec<_> = wanted
                .chunks(each)
                .map(|part| scope.spawn(move || part.iter().map(|w| fetch(self, w)).collect()))
                .collect();
            let answers = workers.into_iter().map(|worker| {
                let answer: thread::Result<Vec<_>> = worker.join();
                // A panic goes on where it would have without the thread.
                answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            answers.flatten().collect()
        })
    }
}

fn told(error: &ureq::Error, most: u64) -> String {
    match error {
        ureq::Error::StatusCode(404) => "the log does not have it (404)".to_owned(),
        ureq::Error::StatusCode(code) => format!("the log answers with status {code}"),
        ureq::Error::BodyExceedsLimit(_) => format!("it is longer than {most} bytes"),
        ureq::Error::TooManyRedirects => "it is redirected again and again".to_owned(),
        ureq::Error::Timeout(_) => format!("no answer within {} s", TIMEOUT.as_secs()),
        other => other.to_string(),
    }
}
