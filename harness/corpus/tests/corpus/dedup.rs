//! Duplicates: what is found of what was planted.

use phi_corpus::dedup::{DedupOptions, Deduplicator, measure_dedup};
use phi_corpus::{Document, Kind, stdlib_sources};

fn document(id: &str, text: &str) -> Document {
    Document { id: id.into(), kind: Kind::Code, text: text.into(), source: id.into() }
}

#[test]
fn planted_near_duplicates_are_found_and_little_else() {
    let documents = stdlib_sources().unwrap();
    let measured = measure_dedup(&documents[..300], DedupOptions::default(), 1);
    assert!(measured.true_duplicates > 100, "{measured:?}");
    // What is missed or wrong lies within the estimate's error (0.036) of the threshold.
    assert!(measured.recall > 0.93 && measured.precision > 0.93, "{measured:?}");
    let far = |from: f64| measured.by_similarity.iter().find(|bin| (bin.from - from).abs() < 1e-9);
    let copies = far(0.9).unwrap();
    assert!(copies.found as f64 >= 0.99 * copies.copies as f64, "{copies:?}");
    assert!(far(0.5).is_none_or(|bin| bin.found == 0), "{measured:?}");
}

#[test]
fn the_first_of_a_group_stays_and_white_space_hides_nothing() {
    let text =
        "def f(x):\n    y = x + 1\n    return y * 2 - x\n\n\nclass A:\n    def g(self):\n        return self.h or 7\n";
    let mut dedup = Deduplicator::new(DedupOptions::default());
    let fingerprint = dedup.fingerprinter();
    let mut add = |document: &Document| dedup.add(&document.id, &fingerprint(document));
    assert_eq!(add(&document("a", text)), None);
    let same = add(&document("b", text)).unwrap();
    assert_eq!((same.of.as_str(), same.exact, same.similarity), ("a", true, 1.0));
    let spaced = add(&document("c", &text.replace("    ", "\t"))).unwrap();
    assert_eq!((spaced.of.as_str(), spaced.exact), ("a", false));
    assert_eq!(add(&document("d", "import os\nprint(os.name)\n")), None);
    assert_eq!(add(&document("e", "x")), None);
    assert_eq!(add(&document("f", "y")), None);
}

#[test]
fn only_the_same_text_counts_where_that_is_asked_for() {
    let options = DedupOptions { exact_only: true, ..DedupOptions::default() };
    let mut dedup = Deduplicator::new(options);
    let fingerprint = dedup.fingerprinter();
    let mut is_duplicate = |text: &str| dedup.add("x", &fingerprint(&document("x", text))).is_some();
    assert!(!is_duplicate("a = 1 + 2 + 3 + 4\n"));
    assert!(!is_duplicate("a = 1 + 2 + 3 + 4\n\n"));
    assert!(is_duplicate("a = 1 + 2 + 3 + 4\n"));
}
