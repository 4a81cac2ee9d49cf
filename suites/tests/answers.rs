//! When two mathematical answers are the same, by pairs.

#![allow(clippy::unwrap_used)]

mod common;

use common::{data_root, writer};
use phi_suites::answers::{math_answer, math_equivalent, math_normal_form};
use phi_suites::{EvalOptions, Task, evaluate};
use proptest::prelude::*;

#[test]
fn answers_are_found_in_solutions() {
    for (solution, answer) in [
        (r"So $x = \boxed{\frac{1}{2}}$, and not \boxed{3", None),
        (r"First \boxed{1}, then $\boxed{\left\{ \frac{a}{b} \right\}}$.", Some(r"\left\{ \frac{a}{b} \right\}")),
        (r"Thus $\fbox{7}$.", Some("7")),
        (r"Thus $\boxed 5$ is it.", Some("5")),
        ("Final Answer: The final answer is $[2,5)$. I hope it is correct.", Some("$[2,5)$")),
        ("The answer is: 3.14. That's all", Some("3.14")),
        ("The answer is 12.\nProblem", Some("12")),
        ("It is 12", None),
        ("", None),
    ] {
        assert_eq!(math_answer(solution).as_deref(), answer, "{solution}");
    }
}

#[test]
fn answers_that_mean_the_same_are_equivalent() {
    for (a, b) in [
        (r"\frac{1}{2}", r"\dfrac12"),
        (r"\frac{1}{2}", "0.5"),
        (r"\frac{1}{2}", ".5"),
        ("1/2", r"\tfrac{1}{2}"),
        ("-1/2", r"-\frac{1}{2}"),
        (r"-\frac{1}{2}", r"\frac{-1}{2}"),
        (r"2\frac{1}{2}", "2.5"),
        ("10,000", "10000"),
        (r"10{,}000", "10000"),
        (r"10,\!000", "10000"),
        (r"\$18.90", "18.9"),
        ("5.0", "5"),
        (r"50\%", "50"),
        (r"45^\circ", "45"),
        (r"45^{\circ}", "45 degrees"),
        (r"12 \text{ cm}", "12"),
        (r"12\text{ cm}^2", "12"),
        (r"12 \mathrm{~cm}", "12"),
        ("12 inches", "12"),
        (r"\text{Evelyn}", "Evelyn"),
        (r"\text{(A)}", "(A)"),
        ("x = 5", "5"),
        (r"x \in [1,2]", "[1,2]"),
        (r"\left( 3, \frac{\pi}{2} \right)", r"(3,\pi/2)"),
        ("(1, 0.5)", r"(1,\frac12)"),
        (r"(-\infty, 2) \cup (3, +\infty)", r"(-\infty,2)\cup(3,\infty)"),
        ("1,-2", "-2, 1"),
        (r"\{1, 2\}", "2,1"),
        (r"1 \pm \sqrt{2}", r"1+\sqrt2, 1-\sqrt2"),
        (r"\sqrt{8}", r"2\sqrt{2}"),
        (r"\sqrt[3]{8}", "2"),
        (r"\frac{\sqrt{3}}{3}", r"\frac{1}{\sqrt{3}}"),
        ("(x+1)^2", "x^2+2x+1"),
        ("x^2 + 2x + 1", r"x^{2}+2 \cdot x+1"),
        (r"2\pi r", r"2 r \pi"),
        (r"3x \leq 6", r"3x\le6"),
        (r"\begin{pmatrix} 1 \\ 0.5 \end{pmatrix}", r"\begin{pmatrix}1\\\frac{1}{2}\end{pmatrix}"),
        ("2^{10}", "1024"),
        ("5!", "120"),
        (r"\binom{5}{2}", "10"),
        ("y=2x+3", "y = 3+2x"),
    ] {
        assert!(
            math_equivalent(a, b) && math_equivalent(b, a),
            "{a}   {b}   {} {}",
            math_normal_form(a),
            math_normal_form(b)
        );
    }
}

#[test]
fn answers_that_mean_different_things_are_not() {
    for (a, b) in [
        (r"\frac{1}{3}", "0.333"),
        ("1", "-1"),
        ("12", "1,2"),
        ("(1,2)", "(2,1)"),
        ("(1,2)", "[1,2]"),
        ("[1,2)", "(1,2]"),
        ("1,2", "1,2,2"),
        (r"\{1,1,2\}", r"\{1,2,2\}"),
        ("even", "neve"),
        ("x+1", "x+2"),
        ("x", "y"),
        ("x^2", "x^3"),
        (r"\sqrt{2}", "1.414"),
        (r"3\le x", r"3\ge x"),
        ("", ""),
        ("", "0"),
        ("1e400", "2e400"),
        ("10^{400}", "10^{401}"),
        (r"\text{Evelyn}", "Evan"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{pmatrix}1&2\end{pmatrix}"),
    ] {
        assert!(!math_equivalent(a, b) && !math_equivalent(b, a), "{a}   {b}");
    }
}

/// Every reference solution of MATH-500 gives its own answer.
#[test]
fn the_reference_solutions_of_math500_are_right() {
    let Some(root) = data_root("the_reference_solutions_of_math500_are_right") else { return };
    let task = Task::builtin("math500").unwrap().load(&root).unwrap();
    let documents: Vec<_> = (0..task.len()).map(|i| task.document(i).clone()).collect();
    let model = writer(|prompt| {
        let asked = |d: &&serde_json::Value| {
            prompt.text.ends_with(&format!("Problem:\n{}\n\nSolution:", d["problem"].as_str().unwrap()))
        };
        documents.iter().find(asked).unwrap()["solution"].as_str().unwrap().to_owned()
    });
    let evaluation = evaluate(&task, &model, None, &EvalOptions::default(), &|_, _| {}).unwrap();
    let wrong: Vec<_> =
        evaluation.samples.iter().filter(|it| it.metrics["math_equivalent"] != 1.0).map(|it| &it.key).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    // And no other answer passes for it by chance: that of the next problem.
    let others = documents.iter().zip(documents.iter().cycle().skip(1));
    let (mut same, mut equal) = (0, 0);
    for (a, b) in others {
        let (a, b) = (a["answer"].as_str().unwrap(), b["answer"].as_str().unwrap());
        same += usize::from(math_equivalent(a, b));
        equal += usize::from(math_normal_form(a) == math_normal_form(b));
    }
    assert_eq!(same, equal, "neighbours are equivalent only where they are equal");
}

proptest! {
    #[test]
    fn any_two_texts_can_be_compared(a in "[-0-9a-z{}()\\[\\],.^_/+*= \\\\$%&|!]{0,60}", b in "\\PC{0,40}") {
        prop_assert_eq!(math_equivalent(&a, &b), math_equivalent(&b, &a));
        let normal = math_normal_form(&a);
        prop_assert_eq!(math_equivalent(&a, &a), !normal.is_empty());
        let _ = math_answer(&b);
    }

    #[test]
    fn fractions_equal_their_decimals(p in -999i64..999, q in prop::sample::select(vec![2i64, 4, 5, 8, 10, 20, 25])) {
        let fraction = format!("\\frac{{{p}}}{{{q}}}");
        let decimal = format!("{}", p as f64 / q as f64);
        prop_assert!(math_equivalent(&fraction, &decimal));
        let next = format!("{}", (p + 1) as f64 / q as f64);
        prop_assert!(!math_equivalent(&fraction, &next));
    }
}
