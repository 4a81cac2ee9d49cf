//! Which language a document is in, by its name or else by what only that language writes.

use crate::document::{Document, Kind};

const ENDINGS: &[(&str, &str)] = &[
    (".py", "python"),
    (".rs", "rust"),
    (".c", "c"),
    (".h", "c"),
    (".cpp", "c++"),
    (".cc", "c++"),
    (".js", "javascript"),
    (".ts", "typescript"),
    (".java", "java"),
    (".go", "go"),
    (".rb", "ruby"),
    (".sh", "shell"),
    (".html", "html"),
    (".md", "markdown"),
    (".rst", "restructuredtext"),
    (".json", "json"),
    (".txt", "text"),
];

/// Beginnings of lines that give a language away; the one with the most lines wins, the first among equals.
const TELLING: &[(&str, &[&str])] = &[
    ("python", &["def ", "import ", "from ", "class ", "elif ", "except", "    return ", "@"]),
    ("c", &["#include", "#define", "static ", "void ", "int ", "struct "]),
    ("javascript", &["function ", "const ", "let ", "var ", "export ", "});"]),
    ("rust", &["fn ", "pub ", "use ", "impl ", "let ", "#["]),
    ("java", &["public ", "private ", "package ", "@Override"]),
    ("shell", &["#!/bin/", "fi", "done", "echo ", "export "]),
    ("html", &["<html", "<div", "<p>", "<!DOCTYPE", "</"]),
    ("markdown", &["# ", "## ", "- ", "```", "* "]),
];

/// The language of a document; `text` where nothing gives one away. An exercise is Python, as the grammar's are.
pub fn language(document: &Document) -> &'static str {
    let by_name = |name: &str| ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, language)| *language);
    if let Some(language) = by_name(&document.id).or_else(|| by_name(&document.source)) {
        return language;
    }
    match document.kind {
        Kind::Exercise => return "python",
        Kind::Textbook => return "text",
        Kind::Code => {}
    }
    let mut best = ("text", 1);
    for (language, beginnings) in TELLING {
        let telling = |line: &str| beginnings.iter().any(|beginning| line.starts_with(beginning));
        let lines = document.text.lines().take(400).filter(|line| telling(line)).count();
        if lines > best.1 {
            best = (language, lines);
        }
    }
    best.0
}
