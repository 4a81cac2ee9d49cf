//! The byte-level BPE tokenizer inside a GGUF file.

use super::TextTokenizer;
use crate::weights::{GgufFile, GgufValue};
use serde_json::{Map, Value, json};

/// How a text is cut before merges, by the file's `tokenizer.ggml.pre` (llama.cpp's `llama-vocab.cpp`).
const PATTERNS: [(&str, &str); 3] = [
    ("gpt-2", r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"),
    (
        "llama-bpe",
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ),
    (
        "qwen2",
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ),
];

const REMEDY: &str = "put the model's tokenizer.json beside the file";

/// The tokenizer of a file.
///
/// # Errors
/// A sentence that says what kind it is, and how to mend it.
pub(super) fn of_file(file: &GgufFile) -> Result<TextTokenizer, String> {
    let kind = file.text("tokenizer.ggml.model")?.ok_or_else(|| format!("it holds no tokenizer; {REMEDY}"))?;
    if kind != "gpt2" {
        return Err(format!("its tokenizer is of kind \"{kind}\", and only \"gpt2\" can be read; {REMEDY}"));
    }
    let pre = match file.text("tokenizer.ggml.pre")?.unwrap_or("gpt-2") {
        "phi-2" | "olmo" => "gpt-2",
        "llama3" | "llama-v3" => "llama-bpe",
        other => other,
    };
    let Some((_, pattern)) = PATTERNS.iter().find(|(name, _)| *name == pre) else {
        return Err(format!("its tokenizer cuts texts by \"{pre}\", which is not known; {REMEDY}"));
    };
    let tokens = texts(file, "tokenizer.ggml.tokens")?;
    let merges = texts(file, "tokenizer.ggml.merges")?;
    let kinds = match file.get("tokenizer.ggml.token_type") {
        Some(GgufValue::List(kinds)) => kinds.as_slice(),
        _ => &[],
    };
    // Control tokens are 3, tokens that users added 4.
    let added = tokens.iter().zip(kinds).enumerate().filter_map(|(id, (token, kind))| {
        let special = match kind {
            GgufValue::Signed(3) => true,
            GgufValue::Signed(4) => false,
            _ => return None,
        };
        Some(json!({
            "id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": special,
        }))
    });
    let added: Vec<Value> = added.collect();
    let vocab: Map<String, Value> = tokens.iter().enumerate().map(|(id, t)| ((*t).to_owned(), json!(id))).collect();
    let bos = match (file.get("tokenizer.ggml.add_bos_token"), file.size("tokenizer.ggml.bos_token_id")?) {
        (Some(GgufValue::Bool(true)), Some(id)) => {
            let token = tokens.get(id).ok_or_else(|| format!("its BOS token {id} is not in its vocabulary"))?;
            Some((id, *token))
        }
        _ => None,
    };
    let sequence = json!({"Sequence": {"id": "A", "type_id": 0}});
    let post_processor = bos.map(|(id, token)| {
        json!({
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": token, "type_id": 0}}, sequence],
            "pair": [sequence, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {token: {"id": token, "ids": [id], "tokens": [token]}},
        })
    });
    let byte_level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false});
    let tokenizer = json!({
        "version": "1.0",
        "added_tokens": added,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false},
            byte_level,
        ]},
        "post_processor": post_processor,
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocab, "merges": merges, "ignore_merges": pre == "llama-bpe"},
    });
    let bytes = tokenizer.to_string();
    TextTokenizer::of_json(bytes.as_bytes()).map_err(|e| format!("its tokenizer can't be built: {e}; {REMEDY}"))
}

fn texts<'f>(file: &'f GgufFile, key: &str) -> Result<Vec<&'f str>, String> {
    let text = |value: &'f GgufValue| match value {
        GgufValue::Text(text) => Some(text.as_str()),
        _ => None,
    };
    match file.get(key) {
        Some(GgufValue::List(list)) => list.iter().map(text).collect::<Option<_>>(),
        _ => None,
    }
    .ok_or_else(|| format!("{key} is not a list of texts; {REMEDY}"))
}
