//! Files by pattern, and splits by the names of files, as the library `datasets` reads them.

use super::is_readable;
use glob::{MatchOptions, Pattern};

/// Words that name a split, in names of files and folders.
const KEYWORDS: &[(&str, &[&str])] = &[
    ("train", &["train", "training"]),
    ("validation", &["validation", "valid", "dev", "val"]),
    ("test", &["test", "testing", "eval", "evaluation"]),
];

/// The files that match any of the patterns, sorted within each; `*` doesn't cross folders, `**` does. A pattern that
/// isn't one matches the file of that name.
pub(super) fn matching(globs: &[String], files: &[String]) -> Vec<String> {
    let options =
        MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let mut found: Vec<String> = Vec::new();
    for glob in globs {
        let pattern = Pattern::new(glob).ok();
        let fits = |file: &&String| {
            *file == glob || pattern.as_ref().is_some_and(|pattern| pattern.matches_with(file, options))
        };
        for file in files.iter().filter(fits) {
            if !found.contains(file) {
                found.push(file.clone());
            }
        }
    }
    found
}

/// The files whose names say that they belong to a split; where no name says anything, all are `train`.
pub(super) fn by_name(split: &str, files: &[String]) -> Vec<String> {
    let data: Vec<&String> = files.iter().filter(|file| is_readable(file)).collect();
    let sharded = |file: &str| {
        let name = file.strip_prefix("data/")?;
        let (split, shard) = name.split_once('-')?;
        shard.get(..5)?.bytes().all(|b| b.is_ascii_digit()).then_some(split.to_owned())
    };
    if data.iter().any(|file| sharded(file).is_some()) {
        let of_split = data.iter().filter(|file| sharded(file).as_deref() == Some(split));
        return of_split.map(|file| (*file).clone()).collect();
    }
    let folder = |file: &str| file.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default();
    let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    // Folders go before names.
    for part in [&folder as &dyn Fn(&str) -> String, &name] {
        if data.iter().any(|file| split_in(&part(file)).is_some()) {
            let of_split = data.iter().filter(|file| split_in(&part(file)) == Some(split));
            return of_split.map(|file| (*file).clone()).collect();
        }
    }
    if split == "train" { data.into_iter().cloned().collect() } else { Vec::new() }
}

/// The splits that [`by_name`] finds.
pub(super) fn splits(files: &[String]) -> Vec<String> {
    let known = KEYWORDS.iter().map(|(split, _)| *split);
    known.filter(|split| !by_name(split, files).is_empty()).map(str::to_owned).collect()
}

/// The split that a text names by a word of its own.
fn split_in(text: &str) -> Option<&'static str> {
    let words: Vec<String> = text.split(|c: char| !c.is_ascii_alphabetic()).map(str::to_ascii_lowercase).collect();
    let names = |keywords: &&[&str]| words.iter().any(|word| keywords.contains(&word.as_str()));
    KEYWORDS.iter().find(|(_, keywords)| names(keywords)).map(|(split, _)| *split)
}

/// The first missing one of parts that are numbered `-00000-of-00003`. A cache may lack some.
pub(super) fn missing_part(files: &[String]) -> Option<String> {
    files.iter().find_map(|file| {
        let (before, total) = file.rsplit_once("-of-")?;
        let (stem, _) = before.rsplit_once('-')?;
        let digits = total.bytes().take_while(u8::is_ascii_digit).count();
        let (count, end) = total.split_at(digits);
        let count: usize = count.parse().ok().filter(|count| *count < 100_000)?;
        let part = |i: usize| format!("{stem}-{i:05}-of-{}{end}", &total[..digits]);
        (0..count).map(part).find(|part| !files.contains(part))
    })
}
