//! The page is whole, needs no network, and shows a model's output as text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, run};
use phi_reports::{Analysis, Run, render_html};

fn page(run: &Run) -> String {
    render_html(run, &Analysis::of(run)).unwrap()
}

#[test]
fn the_page_holds_the_answer_the_pictures_and_the_facts() {
    let run = run(&SPECS, 3, 90);
    let page = page(&run);
    let answer = Analysis::of(&run).answer;
    assert!(page.contains(answer.split(" (").next().unwrap()));
    for id in ["forest", "groups", "loss-flops", "loss-steps", "pass-at-k"] {
        assert!(page.contains(&format!("id=\"{id}-title\"")), "{id}");
    }
    for fact in ["set PHI_BENCH_DATA", "phi-bench ablate --tiling --seeds 3", "exercises rejected", "synthetic-0001"] {
        assert!(page.contains(fact), "{fact}");
    }
    assert!(!page.contains("NaN"));
}

#[test]
fn nothing_is_fetched_and_plots_take_the_pages_colours() {
    let page = page(&run(&SPECS, 3, 90));
    for word in ["src=\"http", "href=\"http", "url(", "@import", "fetch("] {
        assert!(!page.contains(word), "{word}");
    }
    let plots: String = page.split("<svg").skip(1).map(|s| s.split("</svg>").next().unwrap()).collect();
    assert!(plots.contains("currentColor") && plots.contains("viewBox"));
    for placeholder in ["#0102", "#0909"] {
        assert!(!plots.contains(placeholder), "a place-holder colour is left: {placeholder}");
    }
}

#[test]
fn hostile_text_stays_text() {
    let evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
    let mut run = run(&SPECS[..2], 1, 9);
    run.question = evil.to_owned();
    run.recipe = evil.to_owned();
    run.environment.push((evil.to_owned(), evil.to_owned()));
    for arm in &mut run.arms {
        arm.description = evil.to_owned();
        if arm.arm != "scratch" {
            arm.arm = evil.to_owned();
        }
        for sample in &mut arm.samples {
            sample.prompt = evil.to_owned();
            sample.group = format!("{evil}{}", sample.doc_id % 2);
            sample.responses[0].text = evil.to_owned();
        }
    }
    let page = page(&run);
    assert!(!page.contains("<img"), "an element got through");
    assert_eq!(page.matches("<script").count(), 2, "only our own two");
    assert_eq!(page.matches("</script>").count(), 2);
}

#[test]
fn the_sample_browser_carries_a_bounded_number_of_questions() {
    let page = page(&run(&SPECS, 3, 500));
    let data = page.split("id=\"sample-data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let questions = data["questions"].as_array().unwrap();
    assert_eq!(questions.len(), 60);
    assert!(questions.iter().all(|q| q["answers"].as_array().unwrap().len() == SPECS.len()));
    let groups: std::collections::BTreeSet<&str> = questions.iter().map(|q| q["group"].as_str().unwrap()).collect();
    assert_eq!(groups.len(), 3, "every group is seen");
    assert!(page.len() < 1_000_000, "{}", page.len());
}

#[test]
fn a_run_with_next_to_nothing_still_renders() {
    let mut run = run(&SPECS[..1], 1, 3);
    run.arms[0].curve.clear();
    run.arms[0].samples.clear();
    run.left_out.clear();
    assert!(page(&run).contains("compares nothing"));
    run.arms.clear();
    assert!(page(&run).contains("shows nothing"));
}
