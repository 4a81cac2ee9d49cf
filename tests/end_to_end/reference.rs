//! The pages of the book that are made from the program: they are what it says. `PHI_BENCH_UPDATE_BOOK=1` writes them anew.

use crate::support::{phi_bench, run};
use std::path::Path;

const UPDATE: &str = "PHI_BENCH_UPDATE_BOOK";

/// Fails unless a page of the book is this text; or makes it so.
fn is_page(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src").join(name);
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    let line = page.lines().zip(text.lines()).position(|(a, b)| a != b).unwrap_or_else(|| page.lines().count());
    assert!(page == text, "docs/src/{name} differs from line {} on; {UPDATE}=1 writes it anew", line + 1);
}

fn said(arguments: &[&str]) -> String {
    let (out, err, code) = run(phi_bench().args(arguments));
    assert_eq!(code, 0, "{arguments:?}: {err}");
    out.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// The help of a command and of all below it.
fn help(command: &[&str], page: &mut String) {
    let text = said(&[command, &["--help"]].concat());
    let title = [&["phi-bench"], command].concat().join(" ");
    *page += &format!("\n## {title}\n\n```text\n{}\n```\n", text.trim_end());
    let below = text.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for name in below.filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = name.split_whitespace().next().unwrap();
        if name != "help" {
            help(&[command, &[name]].concat(), page);
        }
    }
}

#[test]
fn the_command_line_reference_is_what_help_says() {
    let mut page = String::from("# The command line\n\nWhat `--help` says of every command.\n");
    help(&[], &mut page);
    is_page("cli.md", &page);
}

#[test]
fn the_task_reference_is_what_tasks_show_says() {
    let mut page = String::from(
        "# All tasks\n\nWhat `phi-bench tasks show` says of every task and group; of MMLU's 57 subjects the first.\n",
    );
    let mut is_subject_shown = false;
    for line in said(&["tasks", "list"]).lines() {
        let Some((name, title)) = line.split_once(' ') else { continue };
        if title.contains("four lettered choices: ") && std::mem::replace(&mut is_subject_shown, true) {
            continue;
        }
        page += &format!("\n## {name}\n\n```text\n{}\n```\n", said(&["tasks", "show", name]).trim_end());
    }
    is_page("task-list.md", &page);
}
