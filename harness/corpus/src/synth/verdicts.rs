//! What the sandbox said of exercises, kept so that a run that goes on doesn't ask again.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use crate::check::Checked;
use crate::error::CorpusError;
use crate::exercise::Exercise;

/// Verdicts by exercise, in a file that only grows: a hash and a word a line.
pub(super) struct Verdicts {
    path: PathBuf,
    known: HashMap<String, Verdict>,
    out: File,
}

/// What counts of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Sound,
    BadSolution,
    WeakTests,
}

const WORDS: [(Verdict, &str); 3] =
    [(Verdict::Sound, "sound"), (Verdict::BadSolution, "bad_solution"), (Verdict::WeakTests, "weak_tests")];

impl From<&Checked> for Verdict {
    fn from(checked: &Checked) -> Verdict {
        match checked {
            Checked::Kept => Verdict::Sound,
            Checked::BadSolution(_) => Verdict::BadSolution,
            Checked::WeakTests(_) => Verdict::WeakTests,
        }
    }
}

impl Verdicts {
    /// Opens a file of verdicts, or begins one. Lines that a kill cut short are passed over.
    pub fn open(path: &Path) -> Result<Verdicts, CorpusError> {
        let mut known = HashMap::new();
        if path.exists() {
            let file = File::open(path).map_err(|source| CorpusError::io("read", path, source))?;
            for line in BufReader::new(file).lines() {
                let line = line.map_err(|source| CorpusError::io("read", path, source))?;
                let verdict = line.split_once(' ').and_then(|(hash, word)| {
                    let (verdict, _) = WORDS.iter().find(|(_, known)| *known == word)?;
                    (hash.len() == 32).then(|| (hash.to_owned(), *verdict))
                });
                known.extend(verdict);
            }
        }
        let failed = |source| CorpusError::io("write", path, source);
        let mut out = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        // Behind a line that was cut short, a new one begins.
        if !known.is_empty() {
            out.write_all(b"\n").map_err(failed)?;
        }
        Ok(Verdicts { path: path.to_path_buf(), known, out })
    }

    pub fn of(&self, exercise: &Exercise) -> Option<Verdict> {
        self.known.get(&key(exercise)).copied()
    }

    /// Adds verdicts, which lie with the operating system afterwards.
    pub fn add(&mut self, verdicts: &[(&Exercise, Verdict)]) -> Result<(), CorpusError> {
        let mut lines = String::new();
        for (exercise, verdict) in verdicts {
            let key = key(exercise);
            let word = WORDS.iter().find(|(known, _)| known == verdict).map_or("", |(_, word)| word);
            lines.push_str(&format!("{key} {word}\n"));
            self.known.insert(key, *verdict);
        }
        self.out.write_all(lines.as_bytes()).map_err(|source| CorpusError::io("write", &self.path, source))
    }
}

fn key(exercise: &Exercise) -> String {
    let text = format!("{}\0{}\0{}", exercise.prompt, exercise.canonical_solution, exercise.test);
    blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
}
