//! A file of answers, a JSON line each, that only ever grows.
//!
//! Every line is written by one call that appends, so lines of several processes don't mix, and each begins with a line feed,
//! so a line that a kill cut short spoils none after it. A line that can't be read counts as not there.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The answers of one model, by keys that name a request.
pub struct AnswerFile {
    path: PathBuf,
    file: File,
    /// Key to the answer's JSON.
    answers: HashMap<String, Box<str>>,
}

/// One line.
#[derive(Serialize, Deserialize)]
struct Line<A> {
    key: String,
    answer: A,
}

impl AnswerFile {
    /// Reads what is there, and makes the file and its folder where there is none.
    ///
    /// # Errors
    /// It can't be read or made.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let answers = match File::open(path) {
            Ok(file) => read(BufReader::new(file))?,
            Err(error) if error.kind() == ErrorKind::NotFound => HashMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), file, answers })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The answer to a request, if it is kept.
    pub fn get<A: DeserializeOwned>(&self, key: &str) -> Option<A> {
        serde_json::from_str(self.answers.get(key)?).ok()
    }

    /// Keeps an answer. One that JSON can't hold (a log-probability that isn't finite) is asked for again each time.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn put(&mut self, key: &str, answer: &impl Serialize) -> std::io::Result<()> {
        let json = serde_json::to_value(answer).map_err(std::io::Error::from)?;
        let is_whole = match &json {
            Value::Object(fields) => fields.get("sum").is_none_or(|sum| !sum.is_null()),
            other => !other.is_null(),
        };
        if !is_whole {
            return Ok(());
        }
        let line = serde_json::to_string(&Line { key: key.to_owned(), answer: &json }).map_err(std::io::Error::from)?;
        self.file.write_all(format!("\n{line}\n").as_bytes())?;
        self.answers.insert(key.to_owned(), json.to_string().into());
        Ok(())
    }
}

fn read(mut reader: impl BufRead) -> std::io::Result<HashMap<String, Box<str>>> {
    let mut answers = HashMap::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(answers);
        }
        if let Ok(Line { key, answer }) = serde_json::from_slice::<Line<Value>>(&line) {
            answers.insert(key, answer.to_string().into());
        }
    }
}
