//! The grammar and its splits.

use std::collections::{BTreeSet, HashSet};

use phi_corpus::{concepts, generate_exercises, generate_textbooks};

#[test]
fn the_grammar_has_well_over_sixty_concepts_with_distinct_names() {
    let names: BTreeSet<&str> = concepts().iter().map(|concept| concept.name()).collect();
    assert_eq!(names.len(), concepts().len());
    assert!(names.len() >= 150, "{}", names.len());
}

#[test]
fn one_seed_gives_one_set_and_another_seed_another() {
    assert_eq!(generate_exercises(3, 300, 50), generate_exercises(3, 300, 50));
    assert_ne!(generate_exercises(3, 300, 50), generate_exercises(4, 300, 50));
    assert_eq!(generate_textbooks(3, 50), generate_textbooks(3, 50));
}

#[test]
fn splits_have_the_wanted_sizes_and_grades() {
    let set = generate_exercises(0, 1000, 400);
    assert_eq!((set.train.len(), set.heldout.len()), (1000, 400));
    for level in 1..=5 {
        assert_eq!(set.heldout.iter().filter(|e| e.difficulty == level).count(), 80);
    }
    assert!(set.train.iter().all(|e| e.difficulty < 5));
    let ids: HashSet<&str> = set.train.iter().chain(&set.heldout).map(|e| e.task_id.as_str()).collect();
    assert_eq!(ids.len(), 1400);
}

#[test]
fn no_split_shares_a_prompt_docstring_or_body_with_the_other_even_across_seeds() {
    let (one, other) = (generate_exercises(0, 2000, 300), generate_exercises(9, 2000, 300));
    for (train, heldout) in [(&one.train, &one.heldout), (&one.train, &other.heldout), (&other.train, &one.heldout)] {
        let prompts: HashSet<&str> = train.iter().map(|e| e.prompt.as_str()).collect();
        let docstrings: HashSet<&str> = train.iter().map(|e| e.docstring()).collect();
        let bodies: HashSet<&str> = train.iter().map(|e| e.canonical_solution.as_str()).collect();
        let descriptions: HashSet<&str> = train.iter().map(|e| e.description()).collect();
        for e in heldout {
            assert!(!prompts.contains(e.prompt.as_str()), "{}", e.prompt);
            assert!(!docstrings.contains(e.docstring()), "{}", e.docstring());
            assert!(!bodies.contains(e.canonical_solution.as_str()), "{}", e.canonical_solution);
            assert!(!descriptions.contains(e.description()), "{}", e.description());
        }
    }
}

#[test]
fn training_exercises_are_distinct_and_well_formed() {
    let set = generate_exercises(1, 2000, 100);
    let prompts: HashSet<&str> = set.train.iter().map(|e| e.prompt.as_str()).collect();
    assert_eq!(prompts.len(), set.train.len());
    for e in set.train.iter().chain(&set.heldout) {
        assert!(e.prompt.ends_with("    \"\"\"\n"), "{}", e.prompt);
        assert!(e.canonical_solution.starts_with("    ") && e.canonical_solution.ends_with('\n'));
        assert!(e.test.starts_with("def check(candidate):\n    assert candidate("), "{}", e.test);
        assert!(e.test.matches("assert").count() >= 5);
        let text = format!("{}{}{}", e.prompt, e.canonical_solution, e.test);
        for mark in
            ["{a}", "{b}", "{c}", "{k}", "{m}", "{x}", "{y}", "{i}", "{t}", "{f}", "{l}", "{e}", "{R}", "{W}", "{B}"]
        {
            assert!(!text.contains(mark), "{mark} was left in {text}");
        }
    }
}

#[test]
fn textbooks_hold_no_held_out_prompt_or_solution() {
    let heldout = generate_exercises(0, 0, 400).heldout;
    let books = generate_textbooks(0, 800);
    assert_eq!(books.len(), 800);
    let all: String = books.iter().map(|book| book.text.as_str()).collect();
    for e in &heldout {
        assert!(!all.contains(&e.prompt), "{}", e.prompt);
        assert!(!all.contains(&format!("    \"\"\"\n{}\n", e.canonical_solution)), "{}", e.canonical_solution);
        assert!(!all.contains(e.docstring()), "{}", e.docstring());
    }
    let (short, long) = (books.iter().map(|b| b.text.len()).min(), books.iter().map(|b| b.text.len()).max());
    assert!(short > Some(250) && long < Some(2000), "{short:?} {long:?}");
}
