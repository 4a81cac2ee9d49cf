//! Exercises in bulk.

use std::sync::atomic::AtomicBool;

use phi_corpus::dedup::DedupOptions;
use phi_corpus::synth::{SynthOptions, SynthReport, synth_exercises};
use phi_corpus::{CorpusError, Exercise, Judge, Judgement};

/// Passes solutions of even length; the strict run and the plain one agree.
struct EvenLength;

impl Judge for EvenLength {
    fn judge(&self, solution: &str, _: &str) -> Judgement {
        if solution.len().is_multiple_of(2) { Judgement::Passed } else { Judgement::Failed("odd".into()) }
    }
}

fn synth(verdicts: &std::path::Path, n: usize) -> (SynthReport, Vec<Exercise>) {
    let options = SynthOptions { seed: 5, exercises: n, threads: 2, near: DedupOptions::default() };
    let mut made = vec![];
    let mut take = |exercise: &Exercise| {
        made.push(exercise.clone());
        Ok(())
    };
    let report =
        synth_exercises(options, &EvenLength, verdicts, &AtomicBool::new(false), &|_, _| {}, &mut take).unwrap();
    (report, made)
}

#[test]
fn there_are_as_many_as_wanted_none_nearly_twice_and_rejects_are_counted_by_reason() {
    let folder = tempfile::tempdir().unwrap();
    let verdicts = folder.path().join("verdicts.txt");
    let (report, made) = synth(&verdicts, 1500);
    assert_eq!((report.kept, made.len()), (1500, 1500));
    assert!(made.iter().all(|exercise| exercise.solution().len().is_multiple_of(2)));
    assert!(report.rejected.bad_solution > 100, "{report:?}");
    assert!(report.diversity.near_duplicate_share < 0.01, "{report:?}");
    assert!(report.diversity.topics.0 > 150, "{report:?}");

    let (again, same) = synth(&verdicts, 1500);
    assert_eq!(made, same);
    assert!(again.verdicts_reused > 0 && report.verdicts_reused == 0);
    let (_, smaller) = synth(&folder.path().join("other.txt"), 300);
    assert_eq!(smaller, made[..300]);
}

#[test]
fn a_stopped_run_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let options = SynthOptions { seed: 5, exercises: 10, threads: 1, near: DedupOptions::default() };
    let stop = AtomicBool::new(true);
    let result = synth_exercises(options, &EvenLength, &folder.path().join("v"), &stop, &|_, _| {}, &mut |_| Ok(()));
    assert!(matches!(result, Err(CorpusError::Interrupted)));
}

mod served {
    //! What is read out of a model's reply, which may hold anything.

    use phi_corpus::Exercise;
    use phi_corpus::synth::served::{Brief, audiences, exercise_of, topics};
    use phi_openai::{Finish, Generated};
    use proptest::prelude::*;

    fn brief() -> Brief {
        Brief { function: "f".to_owned(), ..Brief::draw(1, "exercise", 7, &topics(), &[]) }
    }

    fn read(text: &str) -> Result<Exercise, String> {
        let reply = Generated { text: text.to_owned(), finish: Finish::Stop, prompt_tokens: None, tokens: None };
        exercise_of(&brief(), &reply)
    }

    fn reply(solution: &str, tests: &[&str]) -> String {
        serde_json::json!({ "solution": solution, "tests": tests }).to_string()
    }

    const SOLUTION: &str = "import math\n\ndef half(x):\n    return x // 2\n\ndef f(x):\n    \"\"\"Return half of x, rounded down, as a number.\"\"\"\n    return half(x)\n";
    const TESTS: [&str; 3] = ["assert f(4) == 2", "assert f(5) == 2 and f(0) == 0", "assert str(f(7)) + 'f' == '3f'"];

    #[test]
    fn a_program_is_cut_behind_its_docstring_and_only_names_become_candidate() {
        let exercise = read(&reply(SOLUTION, &TESTS)).unwrap();
        assert!(
            exercise.prompt.starts_with("import math") && exercise.prompt.ends_with("number.\"\"\"\n"),
            "{exercise:?}"
        );
        assert_eq!(exercise.canonical_solution, "    return half(x)\n");
        let tests = "def check(candidate):\n    assert candidate(4) == 2\n    assert candidate(5) == 2 and candidate(0) == 0\n    assert str(candidate(7)) + 'f' == '3f'\n";
        assert_eq!(exercise.test, tests);
        assert!(!exercise.docstring().is_empty());
    }

    #[test]
    fn what_is_no_exercise_says_what_is_wrong_with_it() {
        let but = |from: &str, to: &str| reply(&SOLUTION.replace(from, to), &TESTS);
        for (text, why) in [
            ("no".to_owned(), "no JSON object"),
            (reply("def f(:", &TESTS), "syntax errors"),
            (but("import math", "print(1)"), "top level"),
            (but("import math", "@cache\ndef g():\n    pass"), "top level"),
            (but("def f(", "def g("), "called `g`"),
            (but("    \"\"\"Return half of x, rounded down, as a number.\"\"\"\n", ""), "docstring"),
            (but("\"\"\"", "'"), "double quotes"),
            (but("\n    return half(x)", ""), "nothing but a docstring"),
            (reply(SOLUTION, &TESTS[..2]), "2 tests"),
            (reply(SOLUTION, &["assert f(1)\nimport os", TESTS[0], TESTS[1]]), "one line"),
            (reply(SOLUTION, &["assert g(1)", TESTS[0], TESTS[1]]), "calls `f`"),
            (reply(SOLUTION, &["assert f(1); import os", TESTS[0], TESTS[1]]), "one line"),
        ] {
            let found = read(&text).unwrap_err();
            assert!(found.contains(why), "{why} is not in: {found}");
        }
    }

    proptest! {
        #[test]
        fn no_reply_brings_the_reader_down(text in "\\PC{0,200}", solution in "(def f\\(x\\):\n|    |\"\"\"|é|x|\n|\\(|return ){0,40}") {
            let _ = read(&text);
            let _ = read(&reply(&solution, &TESTS));
        }
    }

    #[test]
    fn briefs_follow_from_seed_and_number_and_cover_topics_and_audiences() {
        let briefs: Vec<Brief> = (0..2000).map(|n| Brief::draw(3, "textbook", n, &topics(), &[])).collect();
        assert_eq!(briefs[5], Brief::draw(3, "textbook", 5, &topics(), &["a".to_owned()][..0]));
        let distinct =
            |of: fn(&Brief) -> &String| briefs.iter().map(of).collect::<std::collections::BTreeSet<_>>().len();
        assert!(topics().len() >= 150);
        assert_eq!((distinct(|it| &it.topic), distinct(|it| &it.audience)), (topics().len(), audiences().len()));
        assert!(distinct(|it| &it.function) > 1990, "{}", distinct(|it| &it.function));
    }
}
