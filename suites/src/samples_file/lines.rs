//! Lines of a file that may be compressed, in bounded memory whatever the file holds.

use flate2::read::MultiGzDecoder;
use std::io::{BufRead, BufReader, Read, Result};

/// Longer lines aren't read: no model writes programs of megabytes, and a file that has lost its line feeds would
/// otherwise be read into memory as one line.
pub const MAX_LINE_BYTES: usize = 16 << 20;

/// What stands in a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line without its line feed.
    Text(Vec<u8>),
    /// A line of more than [`MAX_LINE_BYTES`].
    TooLong,
}

/// Numbered lines; those of white space only are skipped, but counted.
pub(super) struct Lines<'a> {
    reader: Box<dyn BufRead + 'a>,
    number: usize,
}

impl<'a> Lines<'a> {
    /// Whether the text is compressed is seen by its first two bytes, not by a name.
    pub fn new(source: impl Read + 'a) -> Result<Self> {
        let mut reader = BufReader::with_capacity(1 << 16, source);
        let reader: Box<dyn BufRead + 'a> = if reader.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(reader)))
        } else {
            Box::new(reader)
        };
        Ok(Self { reader, number: 0 })
    }

    /// The next line that isn't empty, and its number from 1.
    pub fn next(&mut self) -> Result<Option<(usize, Line)>> {
        loop {
            let mut text = Vec::new();
            let most = MAX_LINE_BYTES as u64 + 1;
            if (&mut self.reader).take(most).read_until(b'\n', &mut text)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if text.last() == Some(&b'\n') {
                text.pop();
            } else if text.len() > MAX_LINE_BYTES {
                drop(text);
                self.skip_line()?;
                return Ok(Some((self.number, Line::TooLong)));
            }
            if self.number == 1 && text.starts_with(b"\xef\xbb\xbf") {
                text.drain(..3);
            }
            if !text.iter().all(u8::is_ascii_whitespace) {
                return Ok(Some((self.number, Line::Text(text))));
            }
        }
    }

    fn skip_line(&mut self) -> Result<()> {
        loop {
            let buffer = self.reader.fill_buf()?;
            let (length, ends) = match buffer.iter().position(|&byte| byte == b'\n') {
                Some(position) => (position + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(length);
            if ends {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<(usize, Line)> {
        let mut lines = Lines::new(bytes).unwrap();
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    #[test]
    fn blank_lines_count_and_the_last_needs_no_line_feed() {
        let text = |number, text: &str| (number, Line::Text(text.as_bytes().to_vec()));
        assert_eq!(all(b"\xef\xbb\xbfa\r\n\n \t\nb"), [text(1, "a\r"), text(4, "b")]);
        assert_eq!(all(b""), []);
    }

    #[test]
    fn a_line_beyond_the_bound_is_passed_over_and_the_next_is_read() {
        let longest = vec![b'x'; MAX_LINE_BYTES];
        let mut bytes = [longest.as_slice(), b"\n", &longest, b"x\nafter\n"].concat();
        let lines = all(&bytes);
        assert_eq!(lines[0].1, Line::Text(longest.clone()));
        assert_eq!(lines[1..], [(2, Line::TooLong), (3, Line::Text(b"after".to_vec()))]);
        bytes.truncate(2 * MAX_LINE_BYTES + 2);
        assert_eq!(all(&bytes)[1..], [(2, Line::TooLong)]);
    }
}
