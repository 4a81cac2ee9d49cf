//! What was found, in numbers and side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use super::{Decontaminator, Match, Method, TAUS};

/// Matches that a report shows; the file of matches has all.
const SHOWN: usize = 200;
/// Characters of a text that a report shows.
const SHOWN_CHARS: usize = 4000;

/// The items of a task, split by whether a document resembles them (phi-1, Table 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Split {
    /// The task.
    pub task: String,
    /// The match rate from which an item counts as similar.
    pub tau: f64,
    /// Keys of the similar items, sorted.
    pub similar: Vec<String>,
    /// Keys of the others, sorted.
    pub non_similar: Vec<String>,
    /// Documents that have a function of this match rate with an item of the task.
    pub documents: u64,
}

/// Figures of a decontamination, gathered document by document.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Contamination {
    /// Documents examined.
    pub documents: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Documents to be removed.
    pub removed: u64,
    /// Documents with a match, by method.
    pub documents_by_method: BTreeMap<&'static str, u64>,
    /// By task, method: keys of the items that were matched.
    pub items_by_method: BTreeMap<String, BTreeMap<&'static str, BTreeSet<String>>>,
    /// By task and key, the best match rate of syntax trees.
    #[serde(skip)]
    best_rates: BTreeMap<(String, String), f64>,
    /// By task, for each of [`TAUS`] the documents at or above it.
    #[serde(skip)]
    documents_by_tau: BTreeMap<String, [u64; 4]>,
    /// The strongest matches.
    #[serde(skip)]
    shown: Vec<Match>,
    /// All matches.
    pub matches: u64,
}

impl Contamination {
    /// Takes note of a document and what was found in it; says whether it is to be removed.
    pub fn add(&mut self, bytes: u64, matches: &[Match]) -> bool {
        self.documents += 1;
        self.bytes += bytes;
        self.matches += matches.len() as u64;
        let methods: BTreeSet<Method> = matches.iter().map(|it| it.method).collect();
        for method in methods {
            *self.documents_by_method.entry(method.name()).or_default() += 1;
        }
        let mut best_by_task: BTreeMap<&str, f64> = BTreeMap::new();
        for found in matches {
            let by_method = self.items_by_method.entry(found.task.clone()).or_default();
            by_method.entry(found.method.name()).or_default().insert(found.key.clone());
            if found.method == Method::Syntax {
                let best = self.best_rates.entry((found.task.clone(), found.key.clone())).or_default();
                *best = best.max(found.value);
                let best = best_by_task.entry(&found.task).or_default();
                *best = best.max(found.value);
            }
        }
        for (task, best) in best_by_task {
            let counts = self.documents_by_tau.entry(task.to_owned()).or_default();
            TAUS.iter().zip(counts).filter(|(tau, _)| best >= **tau).for_each(|(_, count)| *count += 1);
        }
        self.shown.extend_from_slice(matches);
        if self.shown.len() > 2 * SHOWN {
            self.keep_strongest();
        }
        let removes = matches.iter().any(|found| found.removes);
        self.removed += u64::from(removes);
        removes
    }

    fn keep_strongest(&mut self) {
        self.shown.sort_by(|a, b| {
            let strength = b.removes.cmp(&a.removes).then(b.value.total_cmp(&a.value));
            strength
                .then_with(|| (&a.task, &a.key, &a.document, a.method).cmp(&(&b.task, &b.key, &b.document, b.method)))
        });
        self.shown.truncate(SHOWN);
    }

    /// For each task with code and each of [`TAUS`], which items have a similar function in the corpus.
    pub fn splits(&self, decontaminator: &Decontaminator) -> Vec<Split> {
        let mut tasks: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for item in decontaminator.items().iter().filter(|item| item.code.is_some()) {
            tasks.entry(&item.task).or_default().push(&item.key);
        }
        let mut splits = vec![];
        for (task, keys) in tasks {
            for (i, tau) in TAUS.into_iter().enumerate() {
                let is_similar = |key: &&&str| {
                    let best = self.best_rates.get(&(task.to_owned(), (**key).to_owned()));
                    best.is_some_and(|best| *best >= tau)
                };
                let owned = |keys: Vec<&&str>| {
                    let mut keys: Vec<String> = keys.into_iter().map(|key| (*key).to_owned()).collect();
                    keys.sort();
                    keys
                };
                let (similar, non_similar) = keys.iter().partition(is_similar);
                splits.push(Split {
                    task: task.to_owned(),
                    tau,
                    similar: owned(similar),
                    non_similar: owned(non_similar),
                    documents: self.documents_by_tau.get(task).map_or(0, |counts| counts[i]),
                });
            }
        }
        splits
    }

    /// The figures as lines of text.
    pub fn summary(&self, decontaminator: &Decontaminator) -> Vec<String> {
        let mut lines = vec![format!(
            "{} of {} documents removed; {} matches with {} items",
            self.removed,
            self.documents,
            self.matches,
            decontaminator.items().len()
        )];
        for method in decontaminator.methods() {
            let documents = self.documents_by_method.get(method.name()).copied().unwrap_or(0);
            let items: Vec<String> = self
                .items_by_method
                .iter()
                .filter_map(|(task, by_method)| {
                    by_method.get(method.name()).map(|keys| format!("{} of {task}", keys.len()))
                })
                .collect();
            let items = if items.is_empty() { "no items".to_owned() } else { format!("items: {}", items.join(", ")) };
            lines.push(format!("  {:<10} {documents:>8} documents; {items}", method.name()));
        }
        if decontaminator.methods().contains(&Method::Syntax) {
            lines.push("match rate of syntax trees: documents at or above it; similar items of the task".to_owned());
            for split in self.splits(decontaminator) {
                let all = split.similar.len() + split.non_similar.len();
                lines.push(format!(
                    "  {:<16} tau {:.2} {:>8} documents; {:>4} of {all} similar",
                    split.task,
                    split.tau,
                    split.documents,
                    split.similar.len()
                ));
            }
        }
        lines
    }
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN_CHARS).collect();
    if short.len() < text.len() {
        short.push_str("\n...");
    }
    short
}

fn heading(found: &Match) -> String {
    let removes = if found.removes { "removed" } else { "kept" };
    let Match { task, key, document, method, value, .. } = found;
    format!("{task} {key} and {document}: {} {value:.3} ({removes})", method.name())
}

/// A report in Markdown: the figures, then the strongest matches, the document's text above the benchmark's.
pub fn markdown(contamination: &mut Contamination, decontaminator: &Decontaminator) -> String {
    contamination.keep_strongest();
    let mut out = String::from("# Contamination\n\n```\n");
    for line in contamination.summary(decontaminator) {
        let _ = writeln!(out, "{line}");
    }
    out.push_str("```\n");
    for found in &contamination.shown {
        // A fence longer than any in the text, so that nothing in it ends the block.
        let (ours, theirs) = (shorten(&found.document_text), shorten(&found.benchmark_text));
        let fence = "`".repeat(3 + longest_run(&ours, '`').max(longest_run(&theirs, '`')));
        let title = heading(found).replace(['\n', '<'], " ");
        let _ = write!(out, "\n## {title}\n\nDocument:\n\n{fence}\n{ours}\n{fence}\n\n");
        let _ = writeln!(out, "Benchmark:\n\n{fence}\n{theirs}\n{fence}");
    }
    out
}

/// The same as a page of HTML without outside parts, with the two texts side by side.
pub fn html(contamination: &mut Contamination, decontaminator: &Decontaminator) -> String {
    contamination.keep_strongest();
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Contamination</title><style>\n\
         body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:80em;padding:0 1em}\n\
         .pair{display:grid;grid-template-columns:1fr 1fr;gap:1em}\n\
         pre{background:#8881;padding:.7em;overflow:auto;white-space:pre-wrap}\n\
         h2{font-size:1em;margin-top:2em}\n:root{color-scheme:light dark}\n</style></head><body>\n<h1>Contamination</h1>\n<pre>",
    );
    for line in contamination.summary(decontaminator) {
        let _ = writeln!(out, "{}", escape(&line));
    }
    out.push_str("</pre>\n");
    for found in &contamination.shown {
        let (ours, theirs) = (escape(&shorten(&found.document_text)), escape(&shorten(&found.benchmark_text)));
        let _ = writeln!(
            out,
            "<h2>{}</h2>\n<div class=\"pair\"><div>document<pre>{ours}</pre></div><div>benchmark<pre>{theirs}</pre></div></div>",
            escape(&heading(found))
        );
    }
    out.push_str("</body></html>\n");
    out
}

fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
