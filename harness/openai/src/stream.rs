//! Answers that come piece by piece: server-sent events (WHATWG HTML, section 9.2) whose data are JSON, the last `[DONE]`.

use crate::protocol::Response;
use crate::{Finish, Generated};
use phi_http::Fault;
use std::io::{BufRead, BufReader, Read};

/// Bytes of one event at most.
const MOST_BYTES: u64 = 16 << 20;

/// The events' data, one after the other, until `[DONE]` or the end.
pub(crate) struct Events<R> {
    reader: BufReader<R>,
    is_done: bool,
}

impl<R: Read> Events<R> {
    pub fn new(reader: R) -> Self {
        Self { reader: BufReader::new(reader), is_done: false }
    }

    /// Whether `[DONE]` came.
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    fn read(&mut self) -> Result<Option<String>, Fault> {
        let mut data: Option<String> = None;
        loop {
            let mut line = Vec::new();
            let count = (&mut self.reader).take(MOST_BYTES).read_until(b'\n', &mut line)?;
            if count as u64 == MOST_BYTES {
                return Err(Fault::lasting("an event of the stream is too large"));
            }
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\n', '\r']);
            if let Some(piece) = line.strip_prefix("data:") {
                let piece = piece.strip_prefix(' ').unwrap_or(piece);
                match &mut data {
                    Some(data) => *data = format!("{data}\n{piece}"),
                    None => data = Some(piece.to_owned()),
                }
            }
            // An empty line ends an event; comments and other fields are passed over.
            if count == 0 || (line.is_empty() && data.is_some()) {
                self.is_done |= data.as_deref() == Some("[DONE]");
                return Ok(data.filter(|_| !self.is_done));
            }
        }
    }
}

impl<R: Read> Iterator for Events<R> {
    type Item = Result<String, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done { None } else { self.read().transpose() }
    }
}

/// What has come so far of an answer in pieces.
#[derive(Default)]
pub(crate) struct Streamed {
    text: String,
    finish: Option<Finish>,
    prompt_tokens: Option<usize>,
    tokens: Option<usize>,
}

impl Streamed {
    /// Adds an event: a piece of the text, why it ended, or what it took.
    pub fn add(&mut self, event: Response) {
        if let Some(usage) = event.usage {
            (self.prompt_tokens, self.tokens) = (usage.prompt_tokens, usage.completion_tokens);
        }
        let Some(choice) = event.choices.into_iter().next() else { return };
        if choice.finish_reason.is_some() {
            self.finish = Some(choice.finish());
        }
        if let Some(text) = choice.delta.and_then(|delta| delta.content) {
            self.text += &text;
        }
    }

    /// The whole answer, unless it broke off: neither did `[DONE]` come nor a reason why the text ended.
    pub fn whole(self, is_done: bool) -> Option<Generated> {
        let Streamed { text, finish, prompt_tokens, tokens } = self;
        let finish = finish.or(is_done.then_some(Finish::Stop))?;
        Some(Generated { text, finish, prompt_tokens, tokens })
    }
}
