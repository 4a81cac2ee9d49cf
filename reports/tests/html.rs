//! The page is whole, needs no network, and shows a model's output as text.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use base64::Engine;
use common::{SPECS, run};
use phi_reports::{Analysis, PageOptions, Run, render_html, render_html_with};

fn page(run: &Run) -> String {
    render_html(run, &Analysis::of(run)).unwrap()
}

#[test]
fn the_page_holds_the_answer_the_pictures_and_the_facts() {
    let run = run(&SPECS, 3, 90);
    let page = page(&run);
    let answer = Analysis::of(&run).answer;
    assert!(page.contains(answer.split(" (").next().unwrap()));
    for id in ["forest", "groups", "loss-flops", "loss-steps", "score-tokens", "pass-at-k"] {
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
    assert!(page.contains("default-src 'none'"), "the page itself forbids the network");
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
    assert_eq!(page.matches("<script").count(), 3, "only our own: index, texts, code");
    assert_eq!(page.matches("</script>").count(), 3);
}

/// What the page carries for its sample browser: the index, and all texts by number.
fn browser_data(page: &str) -> (serde_json::Value, Vec<String>) {
    let unpack = |id: &str| -> serde_json::Value {
        let element = page.split(&format!("id=\"{id}\">")).nth(1).unwrap().split("</script>").next().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(element).unwrap();
        serde_json::from_reader(flate2::read::GzDecoder::new(bytes.as_slice())).unwrap()
    };
    let index = unpack("sample-index");
    let chunks = index["chunk_starts"].as_array().unwrap().len();
    let mut texts = Vec::new();
    for i in 0..chunks {
        assert_eq!(index["chunk_starts"][i], texts.len());
        texts.extend(unpack(&format!("texts-{i}")).as_array().unwrap().iter().map(|t| t.as_str().unwrap().to_owned()));
    }
    (index, texts)
}

#[test]
fn the_sample_browser_carries_every_answer_and_each_text_once() {
    let run = run(&SPECS, 3, 90);
    let (index, texts) = browser_data(&page(&run));
    let column = |table: &str, name: &str| index[table][name].as_array().unwrap().clone();
    assert_eq!(column("questions", "key").len(), 90);
    assert_eq!(column("answers", "source").len(), 90 * 15);
    assert_eq!(column("responses", "text").len(), 90 * 15 * 4);
    let distinct: std::collections::BTreeSet<&String> = texts.iter().collect();
    assert_eq!(distinct.len(), texts.len());
    // The last answer of the run is found by its numbers.
    let sample = run.arms[14].samples.last().unwrap();
    let at = |table: &str, name: &str, i: usize| column(table, name)[i].as_u64().unwrap() as usize;
    let last = at("answers", "first", 90 * 15 - 1);
    assert_eq!(texts[at("responses", "text", last)], sample.responses[0].text);
    assert_eq!(texts[at("answers", "prompt", 90 * 15 - 1)], sample.prompt);
    assert_eq!(index["sources"][at("answers", "source", 90 * 15 - 1)]["seed"], "2");
}

#[test]
fn of_too_many_answers_a_choice_shows_every_group_and_outcome() {
    let run = run(&SPECS, 3, 500);
    let page = render_html_with(&run, &Analysis::of(&run), PageOptions { max_answers: 60 * 15 }).unwrap();
    let (index, _) = browser_data(&page);
    let answers = index["answers"]["source"].as_array().unwrap().len();
    assert_eq!(answers, 60 * 15);
    assert_eq!(index["groups"].as_array().unwrap().len(), 3, "every group is seen");
    assert!(page.contains("900 of 7500 answers"));
}

#[test]
fn without_samples_the_page_has_no_script_and_no_browser() {
    let run = run(&SPECS, 2, 30);
    let page = render_html_with(&run, &Analysis::of(&run), PageOptions { max_answers: 0 }).unwrap();
    assert!(!page.contains("<script") && !page.contains("id=\"samples\"") && !page.contains("href=\"#samples\""));
}

#[test]
fn every_entry_of_the_contents_and_every_note_leads_somewhere() {
    let page = page(&run(&SPECS, 3, 30));
    let targets: Vec<&str> = page.split("href=\"#").skip(1).map(|s| s.split('"').next().unwrap()).collect();
    assert!(targets.len() > 20, "{targets:?}");
    for target in targets {
        assert_eq!(page.matches(&format!(" id=\"{target}\"")).count(), 1, "{target}");
    }
}

#[test]
fn long_names_of_arms_may_break_between_their_parts() {
    let mut run = run(&SPECS[..2], 1, 9);
    for arm in run.arms.iter_mut().filter(|arm| arm.arm != "scratch") {
        arm.arm = "filtered+textbooks+<b>".to_owned();
    }
    let page = page(&run);
    assert!(page.contains(">filtered+<wbr>textbooks+<wbr>&lt;b&gt;"), "a table's cell");
    assert!(!page.contains("<b>"));
}

#[test]
fn cost_growth_and_stated_comparisons_are_shown() {
    let page = page(&run(&SPECS, 3, 60));
    for words in [
        "Latency a token",
        "0.43 ms",
        "MB",
        "50 % of the width is dead",
        "48.2 → 57.5",
        "of 64 → 128",
        "Llama-7B",
        "Not comparable",
        "Comparisons that the recipe stated",
        "Synthetic: is tiling better than weight-reuse?",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn published_scores_stand_beside_ours_where_the_task_is_one_of_the_papers() {
    let mut run = run(&SPECS, 2, 30);
    run.primary.0 = "humaneval".to_owned();
    for arm in &mut run.arms {
        arm.scores.iter_mut().for_each(|s| s.task = "humaneval".to_owned());
        arm.samples.iter_mut().for_each(|s| s.task = "humaneval".to_owned());
    }
    let page = page(&run);
    assert!(page.contains("50.6") && page.contains("arXiv 2306.11644, Table 1"));
    assert!(page.contains("this run, 1.13 M"));
}

#[test]
fn the_report_of_20_arms_takes_under_5_megabytes_without_samples() {
    let run = run(&common::many(20), 3, 400);
    let page = render_html_with(&run, &Analysis::of(&run), PageOptions { max_answers: 0 }).unwrap();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
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

#[test]
fn a_run_of_data_stands_beside_phi_1_s_figure_and_says_which_of_its_findings_hold() {
    let run = common::data_run();
    let analysis = Analysis::of(&run);
    let [filter, textbooks, exercises, still, sums] = &analysis.findings[..] else { panic!("{:?}", analysis.findings) };
    assert!(filter.starts_with("Is filtered code better than raw code? "), "{filter}");
    assert!(textbooks.contains("? Yes, here: on code_exercises pass@1, filtered+textbooks is better than filtered by"));
    assert!(exercises.contains("? Yes, here"), "{exercises}");
    assert!(still.contains("? Not shown here") && still.contains("smallest detectable"), "{still}");
    assert!(sums.contains("? Not measured"), "{sums}");
    let page = page(&run);
    for finding in &analysis.findings {
        assert!(page.contains(&finding.replace('<', "&lt;")), "{finding}");
        assert!(phi_reports::table(&analysis).contains(&finding[..20]));
    }
    assert!(page.contains("id=\"by-data-title\"") && page.contains("phi-1, HumanEval pass@1"));
    for published in ["11 · 12 · 17", "16 · 20 · 29", "41 · 45 · 51"] {
        assert!(page.contains(published), "{published}");
    }
    // A run of other arms has no such picture.
    assert!(!self::page(&common::run(&SPECS, 3, 30)).contains("by-data-title"));
}

#[test]
fn scores_split_by_resemblance_have_a_table_of_their_own_and_a_family_of_their_own() {
    let mut run = common::data_run();
    let page = page(&run);
    let table = page.split("Scores by resemblance to the exercises").nth(1).unwrap().split("</table>").next().unwrap();
    let ways: Vec<usize> =
        ["syntax 0.95", "syntax 0.8<", "embedding 0.95"].iter().map(|way| table.find(way).expect(way)).collect();
    assert!(ways.is_sorted(), "{ways:?}");
    assert!(table.contains("<td>60</td>") && table.contains("<td>180</td>"), "{table}");
    assert!(page.contains("phi-1, Table 3") && !page.contains("pass@1,similar-syntax-0.95 <span"));
    // Leaving the parts out changes no p-value of the rest.
    let corrected = |run: &Run| -> Vec<f64> {
        let metrics = Analysis::of(run).metrics;
        let whole = metrics.iter().filter(|m| !m.metric.contains(','));
        whole.flat_map(|m| m.comparisons.iter().map(|c| c.p_corrected)).collect()
    };
    let with = corrected(&run);
    run.arms.iter_mut().for_each(|arm| arm.scores.retain(|score| !score.metric.contains(',')));
    assert_eq!(with, corrected(&run));
}
