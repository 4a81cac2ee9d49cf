//! Contamination that was planted is found, and by the right way to compare.

use phi_corpus::contamination::{
    BenchmarkItem, Contamination, Decontaminator, Likeness, Match, Method, Thresholds, html, markdown, match_rate,
    resemblances,
};
use phi_corpus::{Document, Kind, stdlib_sources};

const QUESTION: &str = "def has_close_elements(numbers, threshold):\n    \"\"\" Check if in given list of numbers, are any two numbers closer to each other than\n    given threshold.\n    >>> has_close_elements([1.0, 2.0, 3.0], 0.5)\n    False\n    \"\"\"\n";
const ANSWER: &str = "    for idx, elem in enumerate(numbers):\n        for idx2, elem2 in enumerate(numbers):\n            if idx != idx2:\n                distance = abs(elem - elem2)\n                if distance < threshold:\n                    return True\n    return False\n";
const RENAMED: &str = "import math\n\ndef near(values, limit):\n    '''Another docstring.'''\n    for i, a in enumerate(values):\n        for j, b in enumerate(values):\n            if i != j:\n                gap = abs(a - b)\n                if gap < limit:\n                    return True\n    return False\n";

fn finder(methods: &[Method]) -> Decontaminator {
    let program = format!("{QUESTION}{ANSWER}");
    let item = BenchmarkItem {
        task: "humaneval".into(),
        key: "HumanEval/0".into(),
        text: program.clone(),
        code: Some(program),
    };
    let filler = "In a distant land there were seven hills and on each of them stood an old tower made of grey stone";
    let other = BenchmarkItem { task: "riddles".into(), key: "r1".into(), text: filler.into(), code: None };
    Decontaminator::new(vec![item, other], methods.to_vec(), Thresholds::default())
}

fn found(methods: &[Method], text: &str) -> Vec<Match> {
    let document = Document { id: "d".into(), kind: Kind::Code, text: text.into(), source: "s".into() };
    finder(methods).examine(&document)
}

fn names(matches: &[Match]) -> Vec<(&str, Method)> {
    let mut names: Vec<_> = matches.iter().map(|it| (it.key.as_str(), it.method)).collect();
    names.sort();
    names
}

#[test]
fn a_copy_is_found_in_every_way() {
    let text = format!("import os\n\n\n{QUESTION}{ANSWER}\n\nprint(os.name)\n");
    let matches = found(&Method::ALL, &text);
    let expected: Vec<_> = Method::ALL.into_iter().map(|method| ("HumanEval/0", method)).collect();
    assert_eq!(names(&matches), expected);
    assert!(matches.iter().all(|it| it.removes));
}

#[test]
fn renaming_hides_from_ngrams_but_not_from_the_syntax_tree() {
    let matches = found(&[Method::Ngram13, Method::Ngram10, Method::Syntax], RENAMED);
    assert_eq!(names(&matches), [("HumanEval/0", Method::Syntax)]);
    assert!((matches[0].value - 1.0).abs() < 1e-12, "{matches:?}");
    let changed = RENAMED.replace("gap < limit", "gap < limit and gap > 0");
    let rate = found(&[Method::Syntax], &changed)[0].value;
    assert!((0.8..0.95).contains(&rate), "{rate}");
}

#[test]
fn a_quotation_in_prose_is_found_despite_accents_and_capitals() {
    let quoted = "He said: IN A DISTANT LÁND there were seven hills; and, on each of them, stood an old tower made of grey stone!";
    let matches = found(&[Method::Ngram13, Method::Ngram10], quoted);
    assert_eq!(names(&matches), [("r1", Method::Ngram13), ("r1", Method::Ngram10)]);
    assert!(matches[0].document_text.contains("distant land"), "{matches:?}");
}

#[test]
fn ten_words_in_common_are_not_enough_where_the_rest_differs() {
    let text =
        "on each of them stood an old tower made of grey bricks and nothing else was there to be seen or heard at all";
    assert!(found(&[Method::Ngram13], text).is_empty());
    assert!(found(&[Method::Ngram10], text).is_empty());
}

#[test]
fn the_standard_library_gives_no_answer_away() {
    let finder = finder(&[Method::Ngram13, Method::Ngram10, Method::Syntax]);
    for document in &stdlib_sources().unwrap()[..80] {
        let matches = finder.examine(document);
        assert!(matches.is_empty(), "{}: {matches:?}", document.id);
    }
}

#[test]
fn the_report_counts_by_tau_and_shows_both_texts() {
    let finder = finder(&[Method::Ngram13, Method::Syntax]);
    let mut figures = Contamination::default();
    let document =
        |id: &str, text: &str| Document { id: id.into(), kind: Kind::Code, text: text.into(), source: id.into() };
    let near = RENAMED.replace("gap < limit", "gap < limit and gap > 0");
    for (id, text, removed) in [("copy", RENAMED, true), ("clean", "x = 1\n", false), ("near", &near, false)] {
        let matches = finder.examine(&document(id, text));
        let is_near_enough = matches.iter().any(|it| it.value >= 0.9);
        assert_eq!(figures.add(text.len() as u64, &matches), removed || is_near_enough, "{id}");
    }
    let splits = figures.splits(&finder);
    assert_eq!(splits.len(), 4);
    assert_eq!((splits[0].tau, splits[0].similar.as_slice()), (0.95, &["HumanEval/0".to_owned()][..]));
    assert_eq!((splits[0].documents, splits[3].documents), (1, 2));
    let page = html(&mut figures, &finder);
    assert!(page.contains("def near(values, limit)") && page.contains("if distance &lt; threshold"), "{page}");
    assert!(markdown(&mut figures, &finder).contains("```\ndef near"));
}

#[test]
fn the_match_rate_is_symmetric_and_ignores_names() {
    let (a, b) = (format!("{QUESTION}{ANSWER}"), RENAMED);
    assert_eq!(match_rate(&a, b), Some(1.0));
    assert_eq!(match_rate(b, &a), Some(1.0));
    assert_eq!(match_rate("x = 1", b), None);
}

#[test]
fn exercises_and_questions_are_like_each_other_by_syntax_whatever_their_names() {
    let code = |name: &str, list: &str, n: u32| {
        format!(
            "def {name}({list}):\n    total = 0\n    for item in {list}:\n        if item % {n} == 0:\n            total += \
             item * item\n        else:\n            total -= item\n    return total\n"
        )
    };
    let other = "def f(text):\n    words = text.split()\n    out = []\n    for word in words:\n        out.append(word[::-1].upper())\n    return ' '.join(out)\n";
    let exercises = [
        ("a".to_owned(), code("f", "xs", 3)),
        ("b".to_owned(), code("g", "values", 7)),
        ("c".to_owned(), other.to_owned()),
    ];
    let questions = [("q".to_owned(), code("h", "numbers", 3)), ("r".to_owned(), "x = 1\n".to_owned())];
    let found = resemblances(&exercises, &questions, 10, 0.8);
    let rate = |of: &std::collections::BTreeMap<String, Likeness>, name: &str| of[name].match_rate;
    assert_eq!((rate(&found.of_exercises, "a"), rate(&found.of_questions, "q")), (1.0, 1.0));
    // One number of the tree differs.
    assert!(rate(&found.of_exercises, "b") > 0.9 && rate(&found.of_exercises, "b") < 1.0, "{found:?}");
    assert_eq!((rate(&found.of_exercises, "c"), rate(&found.of_questions, "r")), (0.0, 0.0));
    assert!(found.of_exercises["a"].cosine > found.of_exercises["c"].cosine, "{found:?}");
}
