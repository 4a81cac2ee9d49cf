//! The elements of one JSON array, read one after the other: a large file is never in memory as a whole.

use super::records::Fault;
use serde::Deserialize;
use serde_json::Value;
use std::io::{BufRead, Read};

/// The elements that are left of an array, and where the next one begins.
pub(super) struct Array {
    reader: Counted,
    /// Whether an element was read, so that a comma must come before the next.
    is_begun: bool,
    is_over: bool,
}

/// A reader that counts lines.
struct Counted {
    inner: Box<dyn BufRead>,
    /// The current line, from 1.
    line: usize,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.line += buffer[..count].iter().filter(|byte| **byte == b'\n').count();
        Ok(count)
    }
}

impl Counted {
    /// The next byte that isn't white space, left where it is; none at the end.
    fn peek(&mut self) -> std::io::Result<Option<u8>> {
        loop {
            let Some(byte) = self.inner.fill_buf()?.first().copied() else { return Ok(None) };
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.skip(byte);
        }
    }

    /// Goes past `byte`, which was peeked at.
    fn skip(&mut self, byte: u8) {
        self.line += usize::from(byte == b'\n');
        self.inner.consume(1);
    }
}

impl Array {
    /// The array that a file holds; its first byte, but for white space, is `[`.
    pub(super) fn new(reader: Box<dyn BufRead>) -> Array {
        Array { reader: Counted { inner: reader, line: 1 }, is_begun: false, is_over: false }
    }

    /// The next element and its line.
    pub(super) fn next(&mut self) -> Option<Result<(usize, Value), Fault>> {
        if self.is_over {
            return None;
        }
        let element = self.element();
        self.is_over = !matches!(element, Ok(Some(_)));
        element.transpose()
    }

    fn element(&mut self) -> Result<Option<(usize, Value)>, Fault> {
        let wanted = if self.is_begun { b',' } else { b'[' };
        let found = self.reader.peek().map_err(Fault::Read)?;
        let fault = |line: usize, reason: String| Fault::Record { line, reason: format!("not a JSON array: {reason}") };
        match found {
            Some(byte) if byte == wanted => self.reader.skip(byte),
            Some(b']') if self.is_begun => return self.end().map(|()| None),
            Some(byte) => {
                let (wanted, byte) = (char::from(wanted), char::from(byte));
                return Err(fault(self.reader.line, format!("there is {byte:?} where {wanted:?} was expected")));
            }
            None => return Err(fault(self.reader.line, "it ends before its closing bracket".to_owned())),
        }
        match self.reader.peek().map_err(Fault::Read)? {
            Some(b']') if !self.is_begun => return self.end().map(|()| None),
            // Other elements than objects would make the parser read beyond them.
            Some(b'{') => {}
            Some(_) => return Err(Fault::Record { line: self.reader.line, reason: "not a JSON object".to_owned() }),
            None => return Err(fault(self.reader.line, "it ends before its closing bracket".to_owned())),
        }
        self.is_begun = true;
        let line = self.reader.line;
        let mut parser = serde_json::Deserializer::from_reader(&mut self.reader);
        match Value::deserialize(&mut parser) {
            Ok(value) => Ok(Some((line, value))),
            Err(error) if error.is_io() => Err(Fault::Read(error.into())),
            // The parser's own line counts from the element's beginning.
            Err(error) => Err(fault(line + error.line().saturating_sub(1), error.to_string())),
        }
    }

    /// The closing bracket, behind which nothing may stand.
    fn end(&mut self) -> Result<(), Fault> {
        self.reader.skip(b']');
        match self.reader.peek().map_err(Fault::Read)? {
            None => Ok(()),
            Some(byte) => Err(Fault::Record {
                line: self.reader.line,
                reason: format!("not a JSON array: there is {:?} behind its end", char::from(byte)),
            }),
        }
    }
}
