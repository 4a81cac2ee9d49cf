//! Tables for papers and spreadsheets.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{SPECS, run};
use phi_reports::{Analysis, csv, latex};

#[test]
fn latex_has_a_row_an_arm_and_escapes_what_would_act() {
    let mut run = run(&SPECS, 3, 60);
    for arm in run.arms.iter_mut().filter(|a| a.arm == "tiling") {
        arm.arm = "50%_a&b$\\x{#".to_owned();
    }
    let latex = latex(&Analysis::of(&run));
    assert!(latex.contains("\\toprule") && latex.contains("\\midrule") && latex.contains("\\bottomrule"));
    assert!(latex.contains("50\\%\\_a\\&b\\$\\textbackslash{}x\\{\\#"), "{latex}");
    let rows: Vec<&str> = latex.lines().filter(|l| l.ends_with("\\\\")).collect();
    assert_eq!(rows.len(), 1 + SPECS.len());
    for row in rows {
        assert_eq!(row.replace("\\&", "").matches('&').count(), 7, "{row}");
    }
}

#[test]
fn csv_has_a_line_an_arm_and_metric_and_keeps_every_digit() {
    let mut run = run(&SPECS, 3, 60);
    for arm in run.arms.iter_mut().filter(|a| a.arm == "tiling") {
        arm.arm = "a,\"b\"".to_owned();
    }
    let analysis = Analysis::of(&run);
    let csv = csv(&analysis);
    assert_eq!(csv.lines().count(), 1 + 3 * SPECS.len());
    assert!(csv.contains("\"a,\"\"b\"\"\""));
    let line = csv.lines().find(|l| l.starts_with("code_exercises,pass@1,true,weight-reuse,")).unwrap();
    let cells: Vec<&str> = line.split(',').collect();
    assert_eq!(cells.len(), csv.lines().next().unwrap().split(',').count());
    let comparison = &analysis.primary_metric().unwrap().comparisons[0];
    assert_eq!(cells[11].parse::<f64>().unwrap(), comparison.difference);
    assert_eq!(cells[15].parse::<f64>().unwrap(), comparison.p_corrected);
}
