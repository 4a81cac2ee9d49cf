//! `--device`: what a build without CUDA says of GPUs.

use crate::support::{phi_bench, refuses, run, tiny};
use std::collections::BTreeMap;

#[test]
fn a_gpu_is_refused_by_a_build_without_cuda_before_anything_is_read_or_written() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("run");
    let words = ["--device cuda:1", "without CUDA", "--features cuda", "gpu.md"];
    let train = |device: &str| {
        let mut command = phi_bench();
        command.args(["train", "--data", "no-such-folder", "--device", device, "--out"]).arg(&out);
        command
    };
    refuses(&mut train("cuda:1"), 4, &words);
    assert!(!out.exists());
    let choices = serde_json::json!([{"text": "a", "label": "A"}, {"text": "b", "label": "B"}]);
    let question = serde_json::json!({"id": "q", "question": {"stem": "Why?", "choices": choices}, "answerKey": "A"});
    let questions = dir.path().join("arc.jsonl");
    std::fs::write(&questions, question.to_string()).unwrap();
    let eval = |model: &str| {
        let mut command = phi_bench();
        command.args(["eval", "--tasks", "arc_easy", "--device", "cuda:1", "--model", model, "--data"]).arg(&questions);
        command
    };
    refuses(&mut eval(&dir.path().display().to_string()), 4, &words);
    refuses(&mut eval("openai:http://127.0.0.1:9/v1"), 2, &["--device", "server"]);
    refuses(&mut train("tpu"), 2, &["--device", "cpu, cuda, or cuda:N"]);
    refuses(train("cpu").args(["--dtype", "bf16"]), 2, &["--dtype bf16", "--device cuda"]);
}

#[test]
fn an_ablation_on_gpus_is_refused_like_a_training_and_leaves_no_folder() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let ablate = |args: &[&str]| {
        let mut command = phi_bench();
        command.arg("ablate").arg(tiny()).arg("--out").arg(&out).args(args);
        command
    };
    for device in ["cuda", "cuda:0,1"] {
        let words = ["--device cuda:0", "without CUDA", "--features cuda", "gpu.md"];
        refuses(&mut ablate(&["--device", device]), 4, &words);
    }
    refuses(&mut ablate(&["--device", "cuda", "--executor", "slurm"]), 4, &["without CUDA"]);
    refuses(&mut ablate(&["--device", "cuda:1", "--executor", "slurm"]), 2, &["each job is given its own"]);
    refuses(&mut ablate(&["--device", "cuda:1,1"]), 2, &["--device", "1 stands twice"]);
    refuses(&mut ablate(&["--device", "tpu"]), 2, &["--device", "cpu, cuda, or cuda:N,N"]);
    refuses(&mut ablate(&["--dtype", "bf16"]), 2, &["--dtype bf16", "--device cuda"]);
    assert!(!out.exists());
}

/// The steps of the plan of a recipe: by label, key and format on a GPU.
fn steps(recipe: &str, args: &[&str]) -> BTreeMap<String, (String, Option<String>)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("recipe.toml");
    std::fs::write(&path, recipe).unwrap();
    let (json, err, code) = run(phi_bench().arg("ablate").arg(path).args(["--explain", "--json"]).args(args));
    assert_eq!(code, 0, "{err}");
    let plan: serde_json::Value = serde_json::from_str(&json).unwrap();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let step =
        |step: &serde_json::Value| (text(&step["label"]).unwrap(), (text(&step["key"]).unwrap(), text(&step["gpu"])));
    plan["steps"].as_array().unwrap().iter().map(step).collect()
}

#[test]
fn device_and_number_format_belong_to_a_step_and_the_gpu_s_number_doesn_t() {
    let recipe = std::fs::read_to_string(tiny()).unwrap();
    let on_processor = steps(&recipe, &[]);
    let on_gpus = steps(&recipe, &["--device", "cuda"]);
    assert_eq!(on_gpus, steps(&recipe, &["--device", "cuda:3,1"]));
    assert_eq!(on_gpus, steps(&(recipe.clone() + "\n[compute]\ndevice = \"cuda\"\n"), &[]));
    let in_f32 = recipe.clone() + "\n[compute]\ndevice = \"cuda\"\ndtype = \"f32\"\n";
    let in_f32 = [steps(&in_f32, &[]), steps(&in_f32, &["--device", "cpu"])];
    assert_eq!(in_f32[1], on_processor, "a flag goes before the recipe");
    assert_eq!(on_gpus.len(), on_processor.len());
    for (label, (key, gpu)) in &on_gpus {
        assert_eq!(on_processor[label].1, None);
        assert_eq!(*key == on_processor[label].0, label == "corpus", "{label}");
        let expected = match label.split(' ').next().unwrap() {
            "pretrain" | "align" => Some(("bf16", "f32")),
            "evaluate" => Some(("f32", "f32")),
            _ => None,
        };
        assert_eq!(gpu.as_deref(), expected.map(|it| it.0), "{label}");
        assert_eq!(in_f32[0][label].1.as_deref(), expected.map(|it| it.1), "{label}");
    }
    let (table, _, _) = run(phi_bench().arg("ablate").arg(tiny()).args(["--explain", "--device", "cuda"]));
    assert!(table.contains("GPU bf16") && table.contains("GPU f32"), "{table}");
    assert!(table.contains("steps on GPUs whose time isn't forecast"), "{table}");
}
