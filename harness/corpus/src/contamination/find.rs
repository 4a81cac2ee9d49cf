//! Comparing a document with every item of the benchmarks.

use std::str::FromStr;

use serde::Serialize;

use super::BenchmarkItem;
use super::blocks::matched_share;
use super::functions::{Function, functions};
use super::ngrams::{NgramIndex, fold};
use super::tree::match_rate_of_trees;
use crate::document::Document;
use crate::embedding::{cosine, hashed_ngrams};

/// The match rates at which phi-1 (section 5.3) prunes.
pub const TAUS: [f64; 4] = [0.95, 0.9, 0.85, 0.8];

/// A way to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// 13 words in a row in common.
    Ngram13,
    /// 10 words in a row in common, and more than half of the item's text.
    Ngram10,
    /// The cosine of hashed n-grams.
    Embedding,
    /// The match rate of syntax trees.
    Syntax,
}

impl Method {
    /// All of them.
    pub const ALL: [Method; 4] = [Method::Ngram13, Method::Ngram10, Method::Embedding, Method::Syntax];

    /// As a command line names it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Ngram13 => "ngram13",
            Method::Ngram10 => "ngram10",
            Method::Embedding => "embedding",
            Method::Syntax => "syntax",
        }
    }
}

impl FromStr for Method {
    type Err = String;

    fn from_str(text: &str) -> Result<Method, String> {
        let named = Method::ALL.into_iter().find(|method| method.name() == text);
        named.ok_or_else(|| format!("{text} is none of ngram13, ngram10, embedding, syntax"))
    }
}

/// Methods to use.
pub type Methods = Vec<Method>;

/// From where on something is a match.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    /// Share of the item's text that stands in matching blocks, above which 10-grams count (Cosmopedia: 0.5).
    pub matched_share: f64,
    /// Cosine of embeddings.
    pub cosine: f64,
    /// Match rate of syntax trees from which a document is removed.
    pub tau: f64,
    /// Functions of fewer nodes aren't compared by syntax or embedding: `return a + b` is nobody's answer.
    pub min_nodes: usize,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { matched_share: 0.5, cosine: 0.95, tau: 0.9, min_nodes: 25 }
    }
}

/// A document, or a function of it, and the item that it resembles.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Match {
    /// The document.
    pub document: String,
    /// Where it came from.
    pub source: String,
    /// The item's task and key.
    pub task: String,
    /// The item's key.
    pub key: String,
    /// How it was found.
    pub method: Method,
    /// Matched share, cosine or match rate; 1 for 13-grams.
    pub value: f64,
    /// Whether the document is to be removed for it.
    pub removes: bool,
    /// What of the document matches.
    pub document_text: String,
    /// What of the item it matches.
    pub benchmark_text: String,
}

/// What is compared of an item.
struct Prepared {
    folded: String,
    functions: Vec<(Function, Vec<f32>)>,
}

/// Finds items of benchmarks in documents.
pub struct Decontaminator {
    items: Vec<BenchmarkItem>,
    prepared: Vec<Prepared>,
    methods: Methods,
    thresholds: Thresholds,
    ngrams13: NgramIndex,
    ngrams10: NgramIndex,
}

/// Items of one document whose text is compared because of a common 10-gram; a table of numbers has it with many.
const MOST_COMPARED: usize = 10;
/// Matches of one document that are kept, the strongest first.
const MOST_MATCHES: usize = 50;

impl Decontaminator {
    /// Prepares the items for comparison.
    pub fn new(items: Vec<BenchmarkItem>, methods: Methods, thresholds: Thresholds) -> Decontaminator {
        let prepare = |item: &BenchmarkItem| Prepared {
            folded: fold(&item.text).into_owned(),
            functions: with_embeddings(functions(item.code.as_deref().unwrap_or_default(), thresholds.min_nodes)),
        };
        Decontaminator {
            prepared: items.iter().map(prepare).collect(),
            ngrams13: NgramIndex::new(&items, 13),
            ngrams10: NgramIndex::new(&items, 10),
            items,
            methods,
            thresholds,
        }
    }

    /// The items.
    pub fn items(&self) -> &[BenchmarkItem] {
        &self.items
    }

    /// The methods.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// From where on a document is removed.
    pub fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    /// Everything that a document has in common with the items; for each item and method the strongest.
    pub fn examine(&self, document: &Document) -> Vec<Match> {
        let mut found = vec![];
        let uses = |method| self.methods.contains(&method);
        if uses(Method::Ngram13) || uses(Method::Ngram10) {
            self.by_ngrams(document, &mut found);
        }
        if uses(Method::Syntax) || uses(Method::Embedding) {
            self.by_functions(document, &mut found);
        }
        found.sort_by(|a, b| {
            let strength = b.removes.cmp(&a.removes).then(b.value.total_cmp(&a.value));
            strength.then_with(|| (&a.task, &a.key, a.method).cmp(&(&b.task, &b.key, b.method)))
        });
        found.truncate(MOST_MATCHES);
        found
    }

    fn by_ngrams(&self, document: &Document, found: &mut Vec<Match>) {
        let folded = fold(&document.text);
        if self.methods.contains(&Method::Ngram13) {
            for hit in self.ngrams13.hits(&folded) {
                let ngram = self.ngrams13.ngram_at(&folded, hit.end).to_owned();
                let item = &self.items[hit.item as usize];
                found.push(self.matched(document, item, Method::Ngram13, 1.0, ngram.clone(), ngram));
            }
        }
        if self.methods.contains(&Method::Ngram10) {
            for hit in self.ngrams10.hits(&folded).into_iter().take(MOST_COMPARED) {
                let wanted = &self.prepared[hit.item as usize].folded;
                // What is far from the n-gram can't be the rest of the item.
                let from = floor_boundary(&folded, hit.end.saturating_sub(wanted.len() + 100));
                let to = floor_boundary(&folded, (hit.end + wanted.len() + 100).min(folded.len()));
                let share = matched_share(wanted, &folded[from..to]);
                if share > self.thresholds.matched_share {
                    let (item, near) = (&self.items[hit.item as usize], folded[from..to].to_owned());
                    found.push(self.matched(document, item, Method::Ngram10, share, near, item.text.clone()));
                }
            }
        }
    }

    fn by_functions(&self, document: &Document, found: &mut Vec<Match>) {
        let (least_rate, least_cosine) = (TAUS[3].min(self.thresholds.tau), self.thresholds.cosine as f32);
        let uses = |method| self.methods.contains(&method);
        let own = functions(&document.text, self.thresholds.min_nodes);
        let own: Vec<(Function, Vec<f32>)> = if uses(Method::Embedding) {
            with_embeddings(own)
        } else {
            own.into_iter().map(|function| (function, vec![])).collect()
        };
        for (item, prepared) in self.items.iter().zip(&self.prepared) {
            let (mut by_syntax, mut by_embedding): (Option<Match>, Option<Match>) = (None, None);
            let keep = |best: &mut Option<Match>, method, value: f64, a: &Function, b: &Function| {
                if best.as_ref().is_none_or(|best| value > best.value) {
                    *best = Some(self.matched(document, item, method, value, a.text.clone(), b.text.clone()));
                }
            };
            for (theirs, their_embedding) in &prepared.functions {
                for (ours, our_embedding) in &own {
                    if uses(Method::Syntax)
                        && let Some(rate) = match_rate_of_trees(&ours.tree, &theirs.tree, least_rate)
                    {
                        keep(&mut by_syntax, Method::Syntax, rate, ours, theirs);
                    }
                    if uses(Method::Embedding) {
                        let cosine = cosine(our_embedding, their_embedding);
                        if cosine >= least_cosine {
                            keep(&mut by_embedding, Method::Embedding, f64::from(cosine), ours, theirs);
                        }
                    }
                }
            }
            found.extend(by_syntax.into_iter().chain(by_embedding));
        }
    }

    fn matched(
        &self,
        document: &Document,
        item: &BenchmarkItem,
        method: Method,
        value: f64,
        document_text: String,
        benchmark_text: String,
    ) -> Match {
        Match {
            document: document.id.clone(),
            source: document.source.clone(),
            task: item.task.clone(),
            key: item.key.clone(),
            method,
            value,
            removes: method != Method::Syntax || value >= self.thresholds.tau,
            document_text,
            benchmark_text,
        }
    }
}

fn with_embeddings(functions: Vec<Function>) -> Vec<(Function, Vec<f32>)> {
    let embedded = |function: Function| {
        let vector = hashed_ngrams(&function.text);
        (function, vector)
    };
    functions.into_iter().map(embedded).collect()
}

/// The last place at or before `at` where a character begins.
fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
