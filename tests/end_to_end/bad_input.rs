//! Wrong input: one clear message, the right exit code.

use crate::support::{phi_bench, refuses, tiny};

fn recipe(change: impl Fn(&str) -> String) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("recipe.toml");
    std::fs::write(&path, change(&std::fs::read_to_string(tiny()).unwrap())).unwrap();
    (dir, path)
}

#[test]
fn a_recipe_with_an_unknown_field_is_refused_by_line_and_field() {
    let (_dir, path) = recipe(|t| t.replace("held_out = 20", "heldout = 20"));
    refuses(phi_bench().arg("ablate").arg(&path), 3, &["recipe.toml", "line 16", "heldout", "held_out"]);
}

#[test]
fn a_recipe_that_contradicts_itself_is_refused() {
    let (_dir, path) = recipe(|t| t.replace("baseline = \"scratch\"", "baseline = \"nothing\""));
    refuses(phi_bench().arg("ablate").arg(&path), 3, &["baseline", "nothing"]);
    let (_dir, path) = recipe(|t| t.replace("heads = 4", "heads = 5"));
    refuses(phi_bench().arg("ablate").arg(&path), 3, &["large", "not a multiple"]);
    refuses(phi_bench().args(["ablate", "no-such-recipe.toml"]), 3, &["no-such-recipe.toml"]);
}

#[test]
fn a_corpus_without_python_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    let mut command = phi_bench();
    command.arg("ablate").arg(tiny()).arg("--corpus").arg(dir.path().join("empty"));
    refuses(command.arg("--out").arg(dir.path().join("out")), 3, &["no Python files", "empty"]);
}

#[test]
fn a_folder_without_a_run_can_not_be_reported_or_checked() {
    let dir = tempfile::tempdir().unwrap();
    refuses(phi_bench().arg("report").arg(dir.path()), 3, &["no finished ablation", "phi-bench ablate"]);
    let mut command = phi_bench();
    command.arg("check").arg(dir.path()).args(["--baseline", "missing.json"]);
    refuses(&mut command, 3, &["no finished ablation"]);
}

#[test]
fn a_task_without_data_says_how_to_get_them() {
    refuses(phi_bench().args(["tasks", "verify", "humaneval"]), 3, &["humaneval", "PHI_BENCH_DATA"]);
    refuses(phi_bench().args(["tasks", "show", "humanevil"]), 3, &["humanevil", "humaneval"]);
}

/// Needs the right to mount; says so when left out.
#[test]
#[allow(clippy::print_stderr)]
fn a_full_disk_is_the_environment_s_fault_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let disk = dir.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=400k", "tmpfs"])
        .arg(&disk)
        .output()
        .is_ok_and(|o| o.status.success());
    if !mounted {
        eprintln!("left out: a small tmpfs can't be mounted here");
        return;
    }
    let result = std::panic::catch_unwind(|| {
        refuses(phi_bench().arg("ablate").arg(tiny()).arg("--out").arg(disk.join("out")), 4, &["No space left"]);
    });
    let _ = std::process::Command::new("umount").arg(&disk).output();
    result.unwrap();
}
