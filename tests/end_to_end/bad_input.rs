//! Wrong input: one clear message, the right exit code.

use crate::support::{phi_bench, refuses, run, tiny};
use std::path::Path;

fn recipe(change: impl Fn(&str) -> String) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("recipe.toml");
    std::fs::write(&path, change(&std::fs::read_to_string(tiny()).unwrap())).unwrap();
    (dir, path)
}

#[test]
fn a_recipe_with_an_unknown_field_is_refused_by_line_and_field() {
    let (_dir, path) = recipe(|t| t.replace("held_out = 20", "heldout = 20"));
    let words = ["recipe.toml", "line 16", "heldout", "did you mean `held_out`?"];
    refuses(phi_bench().arg("ablate").arg(&path), 3, &words);
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
fn a_name_that_nothing_bears_is_answered_by_line_field_and_the_closest_name() {
    let data = "\n[data.textbooks]\ntextbooks = 1.0\n";
    let arm = "\n[[arms]]\nname = \"books\"\ninit = \"scratch\"\ndata = \"textbok\"\n";
    let (_dir, path) = recipe(|t| format!("{t}{arm}{data}"));
    let line = std::fs::read_to_string(&path).unwrap().lines().position(|l| l.contains("textbok\"")).unwrap() + 1;
    let place = format!("recipe.toml:{line}: arms[2].data");
    refuses(phi_bench().arg("ablate").arg(&path), 3, &[&place, "did you mean \"textbooks\"?"]);
    let (_dir, path) = recipe(|t| t.replace("init = \"scratch\"", "init = \"scrtch\""));
    refuses(phi_bench().arg("ablate").arg(&path), 3, &["scrtch", "did you mean `scratch`?"]);
    let (_dir, path) =
        recipe(|t| format!("{t}\n[[comparisons]]\narm = \"scratch\"\nagainst = \"tilling-preserving\"\n"));
    refuses(
        phi_bench().arg("ablate").arg(&path),
        3,
        &["comparisons[0].against", "did you mean \"tiling-preserving\"?"],
    );
    let (_dir, path) = recipe(|t| format!("{t}\n[matrix]\ninit = [\"scratch\"]\ndeth = \"stack\"\n"));
    refuses(phi_bench().arg("ablate").arg(&path), 3, &["matrix", "did you mean `depth`?"]);
}

#[test]
fn values_that_nobody_means_are_refused_before_any_work() {
    let huge = 1u64 << 56;
    for (from, to, words) in [
        ("batch_rows = 4", format!("batch_rows = {huge}"), ["pretrain.optimiser.batch_rows", "between 1 and"]),
        ("seq_len = 128", "seq_len = 0".into(), ["corpus.seq_len: 0", "between 16 and"]),
        ("learning_rate = 3e-3", "learning_rate = nan".into(), ["pretrain.optimiser.learning_rate: NaN", "above 0"]),
        ("snr_db = 10.0", "snr_db = nan".into(), ["NaN dB", "between -200 and 200"]),
        ("n_samples = 2", "n_samples = 0".into(), ["suites[0]", "n_samples"]),
        ("heads = 4", "heads = 2".into(), ["head_dim from 8 to 16", "number of heads"]),
        ("name = \"tiny\"", "name = \"../tiny\"".into(), ["../tiny", "name a folder"]),
        ("scratch_tokens = 60_000", "scratch_tokens = 600".into(), ["pretrain.small_tokens", "tiling-preserving"]),
    ] {
        let (_dir, path) = recipe(|t| t.replace(from, &to));
        refuses(phi_bench().arg("ablate").arg(&path).arg("--dry-run"), 3, &words);
    }
    let (_dir, path) = recipe(|t| format!("{t}\n[[suites]]\ntask = \"code_exercises\"\n"));
    refuses(phi_bench().arg("ablate").arg(&path).arg("--dry-run"), 3, &["code_exercises\" stands twice"]);
}

#[test]
fn two_ablations_in_one_folder_are_kept_apart() {
    let dir = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(dir.path().join("lock")).unwrap();
    lock.lock().unwrap();
    refuses(phi_bench().arg("ablate").arg(tiny()).arg("--out").arg(dir.path()), 4, &["another ablation is running"]);
}

#[test]
fn a_corpus_without_python_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    let mut command = phi_bench();
    command.arg("ablate").arg(tiny()).arg("--corpus").arg(dir.path().join("empty"));
    refuses(command.arg("--out").arg(dir.path().join("out")), 3, &["no Python files", "empty"]);
    let mut command = phi_bench();
    command.arg("ablate").arg(tiny()).arg("--corpus").arg(dir.path().join("missing"));
    refuses(&mut command, 3, &["can't find the corpus", "missing"]);
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
    let Some(disk) = Disk::mount("size=400k") else { return };
    let mut ablate = phi_bench();
    ablate.arg("ablate").arg(tiny()).arg("--out").arg(disk.path().join("out"));
    refuses(&mut ablate, 4, &["No space left", "of disk, and", "make room"]);
}

/// Needs the right to mount; says so when left out.
#[test]
#[allow(clippy::print_stderr)]
fn a_read_only_folder_is_told_and_still_read() {
    let Some(disk) = Disk::mount("size=20m") else { return };
    let out = disk.path().join("out");
    let ablate = || {
        let mut command = phi_bench();
        command.arg("ablate").arg(tiny()).arg("--out").arg(&out);
        command
    };
    assert_eq!(run(&mut ablate()).2, 0);
    let table = |arguments: &[&str]| run(phi_bench().arg("report").arg(&out).args(arguments));
    let before = table(&["--json"]);
    assert!(disk.remount("ro"));
    refuses(&mut ablate(), 4, &["Read-only file system", "out"]);
    let after = table(&["--json"]);
    assert_eq!((after.0, after.2), (before.0, 0), "{}", after.1);
    refuses(phi_bench().arg("report").arg(&out), 4, &["Read-only file system", "report.html"]);
}

/// A small disk of its own; unmounted at the end.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    #[allow(clippy::print_stderr)]
    fn mount(options: &str) -> Option<Disk> {
        let disk = Disk { folder: tempfile::tempdir().unwrap() };
        let is_mounted = disk.call("mount", &["-t", "tmpfs", "-o", options, "tmpfs"]);
        if !is_mounted {
            eprintln!("left out: a small tmpfs can't be mounted here");
        }
        is_mounted.then_some(disk)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn remount(&self, mode: &str) -> bool {
        self.call("mount", &["-o", &format!("remount,{mode}")])
    }

    fn call(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = std::process::Command::new(program);
        command.args(arguments).arg(self.path()).output().is_ok_and(|o| o.status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.call("umount", &[]);
    }
}
