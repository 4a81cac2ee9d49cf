//! Every command that the book shows, run by a shell in a folder that has what the pages speak of.
//!
//! A command is an indented line (or a step of a CI workflow) that begins with `phi-bench`. What stands for something of the
//! reader's own (`DIR`, a recipe, a key) lies in the folder; models and questions are small, so that it is quick.

#![allow(clippy::print_stderr)]

use crate::support::{phi_bench, run, tiny};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Commands that need what isn't here, by a part of them, and the test that runs their like.
const ELSEWHERE: &[(&str, &str)] = &[
    ("--executor slurm", "tests/slurm/run.sh"),
    ("run-step /shared/mine", "tests/slurm/run.sh"),
    ("--model microsoft/phi-1_5", "remote.rs, against a hub on loopback"),
    ("--model someone/phi-2-GGUF", "remote.rs, against a hub on loopback"),
    ("--device cuda", "device.rs, which sees it refused; tests/peers/cuda_check.sh, on a GPU"),
    ("--model openai", "remote.rs, against a server on loopback"),
    ("--server http", "teacher/, against a server on loopback"),
    ("--preset contamination", "arms.rs, smaller"),
    ("grow phi-1_5/ phi-2/", "grow.rs, smaller"),
];

/// What is put into a command so that it is quick, or names what is really there: a part, and what takes its place.
const SMALLER: &[(&str, &str)] = &[
    (" --limit 200", ""),
    (" eval ", " eval --limit 2 --max-tokens 8 "),
    ("--preset micro --epochs 2", "--preset nano --steps 2"),
    ("--steps 200", "--steps 2"),
    ("--preset smoke --dry-run", "tiny.toml --dry-run"),
    ("--exercises 10000 --textbooks 5000", "--exercises 20 --textbooks 10"),
    ("--vocab-size 4096", "--vocab-size 400"),
    ("--preset micro", "--preset nano --steps 2"),
    ("--preset nano --steps 150", "--preset nano --steps 2"),
    ("92f65312", "$KEY"),
    ("rm 61ab", "rm $RUN --store phi-bench-out/before"),
    ("my_task", "animals"),
];

/// The commands of a page, in order.
fn commands(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let command = |line: &str| {
        let indented = line.starts_with("    ").then(|| line.trim_start());
        let line = line.trim_start();
        let step = line.strip_prefix("- run: ").or(line.strip_prefix("- "));
        let command = indented.filter(|l| l.starts_with("phi-bench ")).or(step).or(indented?.strip_prefix("$ "))?;
        command.starts_with("phi-bench ").then(|| command.to_owned())
    };
    text.lines().filter_map(command).collect()
}

fn pages() -> Vec<PathBuf> {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(book).unwrap().map(|entry| entry.unwrap().path()).collect();
    // The command line's reference is what `--help` says, with usages that aren't commands.
    let is_page = |path: &PathBuf| path.extension().is_some_and(|e| e == "md") && !path.ends_with("cli.md");
    pages.retain(is_page);
    pages.sort();
    pages
}

/// A folder with what the pages speak of.
struct Desk {
    folder: tempfile::TempDir,
    key: String,
    run: String,
}

impl Desk {
    fn set(data: &Path) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let model = data.parent().unwrap().join("oracle/tiny-phi");
        let copy = |from: &Path, to: &str| {
            std::fs::create_dir_all(at(to).parent().unwrap()).unwrap();
            assert!(Command::new("cp").arg("-rL").arg(from).arg(at(to)).status().unwrap().success());
        };
        for name in ["DIR", "base", "tuned", "out/model"] {
            copy(&model, name);
        }
        std::fs::write(at("DIR/chat_template.jinja"), "{% for m in messages %}{{ m.content }}\n{% endfor %}").unwrap();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/fixtures");
        copy(&fixtures.join("llama.gguf"), "model.gguf");
        std::fs::write(at("tokenizer.json"), word_tokenizer()).unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tasks/choices"), "my-tasks");
        std::fs::write(at("FILE.py"), "print(sum(range(10)))\n").unwrap();
        let sample = |i: u32| format!("{{\"task_id\": \"HumanEval/{i}\", \"completion\": \"    return 0\\n\"}}\n");
        std::fs::write(at("SAMPLES.jsonl"), (0..164).map(sample).collect::<String>()).unwrap();
        let document = |i: u32| {
            let text = format!(
                "\"\"\"Number {i}.\"\"\"\n\ndef f_{i}(x):\n    \"\"\"Adds {i} to x.\"\"\"\n    return x + {i}\n"
            )
            .repeat(8);
            serde_json::json!({ "text": text, "source": format!("set-{}", i % 2) }).to_string() + "\n"
        };
        let code: String = (0..60).map(document).collect();
        std::fs::write(at("code.jsonl"), &code).unwrap();
        std::fs::write(at("exercises.jsonl"), code).unwrap();
        std::fs::create_dir(at("src")).unwrap();
        for i in 0..40 {
            let text = format!("def f_{i}(x):\n    return x + {i}\n\n\n").repeat(40);
            std::fs::write(at(&format!("src/f_{i}.py")), text).unwrap();
        }
        let (out, err, code) =
            run(phi_bench().current_dir(folder.path()).args(["corpus", "convert", "code.jsonl", "code.jsonl.zst"]));
        assert_eq!(code, 0, "{out}{err}");
        let recipe = std::fs::read_to_string(tiny()).unwrap().replace("seeds = [1, 2]", "seeds = [1]");
        let recipe = recipe
            .replace("\"tiling-preserving\"\ninit", "\"tiling\"\ninit")
            .replace("name = \"tiny\"", "name = \"tiling\"");
        std::fs::write(at("tiny.toml"), recipe).unwrap();
        // `track add` takes the commit's name.
        for arguments in ["init -q", "-c user.name=a -c user.email=a@b commit -q --allow-empty -m begin"] {
            let git = Command::new("git").args(arguments.split(' ')).current_dir(folder.path()).status().unwrap();
            assert!(git.success());
        }
        for name in ["tiling", "before", "after"] {
            let out = at("phi-bench-out").join(name);
            std::fs::create_dir_all(out.parent().unwrap()).unwrap();
            if name != "tiling" {
                let copied = Command::new("cp").arg("-a").arg(at("phi-bench-out/tiling")).arg(&out).status().unwrap();
                assert!(copied.success());
                continue;
            }
            let (_, err, code) = run(phi_bench().arg("ablate").arg(at("tiny.toml")).arg("--out").arg(&out));
            assert_eq!(code, 0, "{err}");
        }
        let (plan, err, code) =
            run(phi_bench().current_dir(folder.path()).args(["ablate", "tiny.toml", "--explain", "--json"]));
        assert_eq!(code, 0, "{err}");
        let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
        let (runs, err, code) = run(phi_bench().current_dir(folder.path()).args(["runs", "list", "--json"]));
        assert_eq!(code, 0, "{err}");
        let runs: serde_json::Value = serde_json::from_str(&runs).unwrap();
        let key = plan["steps"][0]["key"].as_str().unwrap().to_owned();
        let run = runs[0]["key"].as_str().unwrap_or_else(|| panic!("{runs}")).to_owned();
        let bin = at("bin");
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_phi-bench"), bin.join("phi-bench")).unwrap();
        Desk { folder, key, run }
    }

    /// Every page finds results of one model.
    fn tidy(&self, data: &Path) {
        for begun in ["results", "run", "aligned"] {
            let _ = std::fs::remove_dir_all(self.folder.path().join(begun));
        }
        self.run("phi-bench eval --model base --tasks arc_easy --output-path results --log-samples", data).unwrap();
    }

    /// Runs a command as it stands, made smaller; what it said where it failed.
    fn run(&self, command: &str, data: &Path) -> Result<(), String> {
        let smaller = SMALLER.iter().fold(command.to_owned(), |text, (part, other)| text.replace(part, other));
        let path =
            format!("{}:{}", self.folder.path().join("bin").display(), std::env::var("PATH").unwrap_or_default());
        let output = Command::new("sh")
            .args(["-c", &smaller])
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("PHI_BENCH_DATA", data)
            .env("PHI_BENCH_HOME", self.folder.path().join("home"))
            .env("HF_HUB_OFFLINE", "1")
            .env("HF_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("KEY", &self.key)
            .env("RUN", &self.run)
            .output()
            .unwrap();
        // 1 is an answer: a gate that fails, programs that differ.
        match output.status.code() {
            Some(0 | 1) => Ok(()),
            code => Err(format!("{smaller}: {code:?}: {}", String::from_utf8_lossy(&output.stderr))),
        }
    }
}

/// A tokenizer of words, for the fixture of 64 tokens.
fn word_tokenizer() -> String {
    let vocab: serde_json::Map<String, serde_json::Value> = (0..64).map(|i| (format!("t{i}"), i.into())).collect();
    serde_json::json!({
        "version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "WhitespaceSplit"},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": false},
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "t0"},
    })
    .to_string()
}

#[test]
fn every_command_of_the_book_runs() {
    let Some(data) = std::env::var_os("PHI_BENCH_DATA").map(PathBuf::from) else {
        eprintln!("left out: the book's commands are run where PHI_BENCH_DATA names the benchmark data");
        return;
    };
    let data = data.canonicalize().unwrap();
    let desk = Desk::set(&data);
    let (mut faults, mut left, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for page in pages() {
        desk.tidy(&data);
        for command in commands(&page) {
            if let Some((part, _)) = ELSEWHERE.iter().find(|(part, _)| command.contains(part)) {
                left.insert(*part);
                continue;
            }
            count += 1;
            if let Err(fault) = desk.run(&command, &data) {
                faults.push(format!("{}: {fault}", page.file_name().unwrap().to_string_lossy()));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {count} commands fail:\n{}", faults.len(), faults.join("\n"));
    assert!(count > 45, "{count} commands were found");
    let unused: Vec<&str> = ELSEWHERE.iter().map(|(part, _)| *part).filter(|part| !left.contains(part)).collect();
    assert!(unused.is_empty(), "no page shows {unused:?} any more");
}
