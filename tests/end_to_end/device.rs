//! `--device`: what a build without CUDA says of GPUs.

use crate::support::{phi_bench, refuses};

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
