//! A body that is written while it is sent: a thread that may wait writes, the connection takes what
//! is there, and no more than a few pieces wait between them.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Pieces that may wait.
const WAITING: usize = 4;
/// The size of a piece.
const PIECE: usize = 64 * 1024;

type Piece = Result<Bytes, io::Error>;

/// The end that is written to.
pub struct Pipe {
    sender: Sender<Piece>,
    piece: Vec<u8>,
}

/// The end that is sent.
struct Tap(Receiver<Piece>);

/// The body of what `write` writes, on a thread that may wait. Where it fails the connection breaks
/// off, so that nobody takes a part for the whole.
pub fn body(write: impl FnOnce(Pipe) -> Result<Pipe, String> + Send + 'static) -> Body {
    let (sender, receiver) = channel(WAITING);
    let failing = sender.clone();
    tokio::task::spawn_blocking(move || {
        let piece = Vec::with_capacity(PIECE);
        let done = write(Pipe { sender, piece });
        let ended = done.and_then(|mut pipe| pipe.send().map_err(|e| e.to_string()));
        if let Err(why) = ended {
            tracing::warn!(why, "a file was not written to its end");
            // Nobody may be there any more to be told.
            drop(failing.blocking_send(Err(io::ErrorKind::Other.into())));
        }
    });
    Body::new(Tap(receiver))
}

impl Pipe {
    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        let gone = |_| io::ErrorKind::BrokenPipe.into();
        self.sender.blocking_send(Ok(piece.into())).map_err(gone)
    }
}

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.send()?;
        }
        Ok(bytes.len())
    }

    /// A piece goes when it is full: the last one at the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl hyper::body::Body for Tap {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = self.0.poll_recv(context);
        next.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}
