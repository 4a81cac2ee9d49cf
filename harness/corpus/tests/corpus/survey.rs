//! What `corpus stats` counts.

use phi_corpus::dedup::DedupOptions;
use phi_corpus::documents::{Input, Read, ReadOptions, Reader, Record};
use phi_corpus::survey::{LogHistogram, language, survey};
use phi_corpus::{Document, Kind, stdlib_sources};

#[test]
fn the_figures_are_those_of_a_plain_count() {
    let documents = stdlib_sources().unwrap();
    let doubled = documents.iter().chain(&documents[..50]).cloned();
    let reads = doubled.map(|document| Ok(Read::Record(Record { document, line: None }))).collect::<Vec<_>>();
    let survey = survey(reads.into_iter(), None, DedupOptions::default(), None).unwrap();
    assert_eq!(survey.total.documents as usize, documents.len() + 50);
    assert!(survey.exact_duplicates >= 50, "{}", survey.exact_duplicates);
    let lines: usize = documents.iter().chain(&documents[..50]).map(|it| it.text.lines().count()).sum();
    assert_eq!(survey.lines as usize, lines);
    assert_eq!(survey.by_language.keys().copied().collect::<Vec<_>>(), ["python"]);
    let pictures = survey.pictures();
    assert!(pictures.iter().all(|(_, svg)| svg.starts_with("<svg") && svg.contains("<rect")), "{pictures:?}");
    assert!(Reader::open(&Input::Stdlib, ReadOptions::default()).is_ok());
}

#[test]
fn quantiles_are_right_to_a_bin() {
    let mut histogram = LogHistogram::default();
    (1..=1000).for_each(|value| histogram.add(value));
    assert_eq!((histogram.max(), histogram.mean()), (1000, 500.5));
    for (share, value) in [(0.1, 100.0), (0.5, 500.0), (0.9, 900.0)] {
        let found = histogram.quantile(share) as f64;
        assert!((found / value - 1.0).abs() < 0.06, "{share}: {found}");
    }
}

#[test]
fn a_language_is_told_by_name_or_by_what_only_it_writes() {
    let of = |id: &str, text: &str| {
        language(&Document { id: id.into(), kind: Kind::Code, text: text.into(), source: String::new() })
    };
    assert_eq!(of("a.py", ""), "python");
    assert_eq!(of("x", "#include <stdio.h>\nint main(void) {\n}\nstatic int x;\n"), "c");
    assert_eq!(of("x", "import os\n\ndef f():\n    return os\n"), "python");
    assert_eq!(of("x", "Once upon a time.\nThe end.\n"), "text");
}
