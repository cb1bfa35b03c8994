//! The line between a province and the nation, and the loop of the province that uses it: that of
//! `kecha::sync::province`, without a network and step by step.

use jiff::Timestamp;
use kecha::{
    registry::{Followed, Hold, Page, Province, Registry, SignedHead},
    sync::wire,
};
use rand::{RngExt, rngs::StdRng};
use tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    cosignature::Witness,
    frontier::Frontier,
    hash::{Hash, commitment},
    note::Signer,
};

use super::{Rule, side::Side};

/// What a province sends.
#[derive(Clone)]
pub enum Message {
    Page(Vec<u8>),
    Head(Vec<u8>),
    Witness(String),
}

impl Message {
    /// As much of it as came through.
    fn cut(&self, rng: &mut StdRng) -> Self {
        let mut cut = |bytes: &[u8]| bytes[..rng.random_range(0..bytes.len())].to_vec();
        match self {
            Self::Page(bytes) => Self::Page(cut(bytes)),
            Self::Head(bytes) => Self::Head(cut(bytes)),
            // The whole of it is ASCII.
            Self::Witness(text) => {
                Self::Witness(String::from_utf8(cut(text.as_bytes())).unwrap_or_default())
            }
        }
    }
}

/// The nation, the line to it and everything that is still on its way.
pub struct Line {
    pub nation: Side,
    pub follows: Vec<Province>,
    /// Nothing is lost or late any more.
    pub is_calm: bool,
    /// Requests that were given up and may still arrive, by province.
    pub late: Vec<(usize, Message)>,
    /// Answers that come too late, by province.
    pub stale: Vec<(usize, Followed)>,
    /// The rule that is switched off.
    pub without: Option<Rule>,
    /// The right keys, in the wrong hands.
    pub keys: Vec<Signer>,
}

impl Line {
    /// Delivers a request; none when the nation makes nothing of it.
    fn answer(&self, province: usize, message: &Message, now: Timestamp) -> Option<Followed> {
        let (nation, follows) = (self.nation.registry(), &self.follows[province]);
        let answer = match message {
            Message::Page(bytes) => {
                let page = self.forged(province, wire::decode(bytes).ok()?);
                nation.follow(follows, &page, now)
            }
            Message::Head(bytes) => {
                let head: SignedHead = serde_json::from_slice(bytes).ok()?;
                nation.follow_head(follows, &head, now)
            }
            Message::Witness(text) => nation.follow_witness(follows, text, now),
        };
        Some(answer.expect("the nation answers"))
    }

    /// For the rules that cannot be switched off in the nation: the page as it had to look for a
    /// nation without the rule to do what it would do.
    fn forged(&self, province: usize, mut page: Page) -> Page {
        let feed = self.follows[province].feed;
        let here = || self.nation.commitments(feed);
        match self.without {
            Some(Rule::RootCompared) => {
                let kept = here();
                if page.from != kept.len() as u64 {
                    return page;
                }
                let at = page.entries.len() - 1;
                page.entries[at].salt[0] ^= 1;
                self.signed(province, page, &kept)
            }
            Some(Rule::OnceOnly) => {
                let kept = here();
                if page.end() != kept.len() as u64 {
                    return page;
                }
                page.from = kept.len() as u64;
                self.signed(province, page, &kept)
            }
            _ => page,
        }
    }

    fn signed(&self, province: usize, mut page: Page, kept: &[Vec<u8>]) -> Page {
        let mut tree = Frontier::new();
        let sent = page.entries.iter().map(|e| commitment(&e.salt, &e.event));
        let leaves = kept.iter().map(|c| Hash::leaf(c));
        for leaf in leaves.chain(sent.map(|c| Hash::leaf(&c))) {
            tree.append(leaf).expect("room");
        }
        let key = &self.keys[province];
        let end = Checkpoint::new(key.public().name(), tree.size(), tree.root());
        let note = SignedCheckpoint::sign(end.expect("a checkpoint"), key);
        page.checkpoint = note.expect("signed").to_string();
        page
    }

    /// Sends a request, and what may come of it. None where no answer comes.
    fn post(
        &mut self,
        province: usize,
        message: Message,
        rng: &mut StdRng,
        now: Timestamp,
    ) -> Option<Followed> {
        let fate = if self.is_calm {
            99
        } else {
            rng.random_range(0..40_u8)
        };
        match fate {
            0..=2 => None,
            3..=4 => {
                self.late.push((province, message));
                None
            }
            5 => {
                let cut = message.cut(rng);
                self.answer(province, &cut, now);
                None
            }
            6..=7 => {
                self.late.push((province, message.clone()));
                self.answer(province, &message, now)
            }
            8..=9 => {
                self.answer(province, &message, now);
                None
            }
            10 => {
                let answer = self.answer(province, &message, now)?;
                self.stale.push((province, answer));
                None
            }
            11 => {
                self.answer(province, &message, now);
                self.nation.crash();
                None
            }
            12 => {
                self.power_cut(province, &message, rng, now);
                None
            }
            // The answer left before the nation had it on its disk.
            13 if self.without == Some(Rule::StoredFirst) => {
                self.power_cut(province, &message, rng, now)
            }
            _ => self.answer(province, &message, now),
        }
    }

    fn power_cut(
        &mut self,
        province: usize,
        message: &Message,
        rng: &mut StdRng,
        now: Timestamp,
    ) -> Option<Followed> {
        // The nation moves to another folder meanwhile; the rest of the line stays as it is.
        let before = self.nation.written();
        let answer = self.answer(province, message, now);
        self.nation.comes_back(before, rng);
        answer
    }

    /// Something that was given up arrives after all.
    pub fn delivers_late(&mut self, rng: &mut StdRng, now: Timestamp) {
        if self.late.is_empty() {
            return;
        }
        let one = rng.random_range(0..self.late.len());
        let (province, message) = self.late.swap_remove(one);
        self.answer(province, &message, now);
    }
}

/// The loop of a province: what it remembers, and that is nothing that must not be lost.
#[derive(Default)]
pub struct Driver {
    /// How many entries the nation has; unknown until it has answered.
    pub known: Option<u64>,
    /// Up to where it wants entries again.
    pub again: Option<u64>,
    pub head_due: bool,
}

/// The two ends of one call.
pub struct Call<'a> {
    pub line: &'a mut Line,
    pub province: usize,
    pub registry: &'a Registry,
    pub witness: &'a Witness,
    pub rng: &'a mut StdRng,
    pub now: Timestamp,
}

/// No answer came.
pub struct Lost;

impl Driver {
    /// Sends what is due, at most so many pages.
    pub fn step(&mut self, call: &mut Call<'_>, pages: u32) -> Result<Option<Hold>, Lost> {
        let done = self.sends(call, pages);
        if !matches!(done, Ok(None)) {
            self.known = None;
        }
        done
    }

    fn sends(&mut self, call: &mut Call<'_>, pages: u32) -> Result<Option<Hold>, Lost> {
        let heads = call.line.without != Some(Rule::Heads);
        if heads && (self.known.is_none() || self.head_due) {
            if let Some(hold) = self.head(call)? {
                return Ok(Some(hold));
            }
            self.head_due = false;
        }
        for _ in 0..pages {
            let known = self.known.unwrap_or(0);
            let most = call.rng.random_range(1..9);
            let page = call.registry.page_again(known, most, self.again);
            let page = page.expect("read");
            let Some(page) = page else { break };
            let answer = self.post(call, Message::Page(wire::encode(&page)))?;
            if let Some(hold) = self.take(call, &answer)? {
                return Ok(Some(hold));
            }
        }
        Ok(None)
    }

    fn head(&mut self, call: &mut Call<'_>) -> Result<Option<Hold>, Lost> {
        let since = self.known.unwrap_or(0);
        let hold = self.head_since(call, since)?;
        match self.known {
            Some(known) if known != since => self.head_since(call, known),
            _ => Ok(hold),
        }
    }

    fn head_since(&mut self, call: &mut Call<'_>, since: u64) -> Result<Option<Hold>, Lost> {
        let head = call.registry.signed_head(since).expect("signed");
        let body = serde_json::to_vec(&head).expect("written");
        let answer = self.post(call, Message::Head(body))?;
        self.take(call, &answer)
    }

    /// Takes an answer; shows the nation what it cosigned when it has lost it.
    pub fn take(&mut self, call: &mut Call<'_>, answer: &Followed) -> Result<Option<Hold>, Lost> {
        let hold = call.registry.acknowledge(answer, call.witness, call.now);
        let hold = hold.expect("taken");
        self.known = Some(answer.entries);
        self.again = answer.again;
        if call.line.without == Some(Rule::Witness) {
            return Ok(hold.filter(|hold| *hold != Hold::NationRolledBack));
        }
        let stored = call.registry.acknowledged().expect("read");
        if let Some((size, cosigned)) = stored
            && answer.entries < size
            && answer.cosigned_to() < size
            && hold.is_none_or(|hold| hold == Hold::NationRolledBack)
        {
            self.post(call, Message::Witness(cosigned))?;
            return Ok(Some(Hold::NationRolledBack));
        }
        Ok(hold)
    }

    fn post(&self, call: &mut Call<'_>, message: Message) -> Result<Followed, Lost> {
        let answer = call.line.post(call.province, message, call.rng, call.now);
        answer.ok_or(Lost)
    }
}
