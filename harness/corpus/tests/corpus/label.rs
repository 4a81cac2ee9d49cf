//! The embedded labeller.

use phi_corpus::label::{CRITERIA, Features, rubric};
use phi_corpus::stdlib_sources;

const GOOD: &str = "\"\"\"Finds primes.\"\"\"\n\nimport math\n\n\ndef is_prime(number):\n    \"\"\"Whether a number has no divisor but 1 and itself.\"\"\"\n    if number < 2:\n        return False\n    # A divisor above the root has a partner below it.\n    for divisor in range(2, math.isqrt(number) + 1):\n        if number % divisor == 0:\n            return False\n    return True\n";
const POOR: &str = "# Copyright\n# All rights reserved\nfrom .x import *\nfrom ..y import q\nimport numpy, pandas\n\ndef zz(aa):\n    if aa:\n        for cc in aa:\n            while cc:\n                with q as dd:\n                    if dd:\n                        try:\n                            ee = dd\n                        except E:\n                            pass\n";

#[test]
fn the_criteria_are_worth_five_points() {
    assert!((CRITERIA.iter().map(|it| it.weight).sum::<f64>() - 5.0).abs() < 1e-12);
}

#[test]
fn code_to_learn_from_scores_high_and_says_why_not_higher() {
    let good = rubric(GOOD);
    assert_eq!(good.score, 5, "{good:?}");
    let poor = rubric(POOR);
    assert!(poor.score <= 2, "{poor:?}");
    for word in ["docstrings", "self-containedness", "nesting"] {
        assert!(poor.reason.contains(word), "{poor:?}");
    }
}

#[test]
fn what_is_not_python_or_does_nothing_is_capped() {
    let prose = rubric("This is a text, and no program: it has no syntax at all (or has it?\n");
    assert!(prose.score <= 1 && prose.reason.contains("isn't Python"), "{prose:?}");
    let table = rubric(&format!("TABLE = [\n{}]\n", "    1,\n".repeat(100)));
    assert!(table.score <= 2 && table.reason.contains("no function"), "{table:?}");
}

#[test]
fn features_see_docstrings_dead_imports_and_foreign_modules() {
    let features = Features::of(POOR);
    assert_eq!((features.foreign_imports, features.standard_imports), (4, 0));
    assert_eq!((features.imported_names, features.dead_imports), (3, 2));
    assert_eq!((features.nesting, features.header_lines), (6, 2));
    let features = Features::of(GOOD);
    assert_eq!((features.definitions, features.documented, features.comment_lines), (2, 2, 1));
    assert_eq!((features.standard_imports, features.dead_imports), (1, 0));
}

#[test]
fn hostile_nesting_and_the_whole_standard_library_are_labelled() {
    for hostile in ["(".repeat(20_000), "if x:\n ".repeat(2_000), "[".repeat(5_000) + &"]".repeat(5_000)] {
        assert!(rubric(&hostile).score <= 2);
    }
    let mut histogram = [0; 6];
    for document in stdlib_sources().unwrap() {
        histogram[rubric(&document.text).score as usize] += 1;
    }
    assert!(histogram.iter().filter(|count| **count > 0).count() >= 4, "{histogram:?}");
}
